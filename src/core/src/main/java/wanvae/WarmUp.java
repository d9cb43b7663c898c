package wanvae;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import wanvae.kernel.KernelWarmUp;
import wanvae.runtime.VectorApi;

/**
 * Compiles the arithmetic before the first decode needs it, on a thread of its own. {@link WanVae#open} begins it and
 * the first decode waits for it; a program that has something else to do before that may begin it earlier. Once in a
 * process is enough: all that begin it share its thread, which ends when it is done, within seconds, or when all of
 * them have closed it. Safe for use from several threads.
 */
public final class WarmUp implements AutoCloseable {
    /**
     * The only compilation of the process, running or done; a later one replaces it if it lacks kernels. Guarded by the
     * class.
     */
    private static Compilation only;

    /** The thread, and how many want it to go on. */
    private static final class Compilation {
        final Thread thread;
        volatile boolean enough;
        /** Whether the kernels of tiny autoencoders are wanted too. */
        volatile boolean tiny;
        /** Guarded by the class. */
        int wanted;

        Compilation(boolean tiny) {
            this.tiny = tiny;
            thread = Thread.ofPlatform().daemon().name("wanvae-warm-up").start(this::run);
        }

        private void run() {
            try {
                KernelWarmUp.compile(() -> enough);
                if (tiny) KernelWarmUp.compileTiny(() -> enough);
            } catch (Throwable e) {
                // Nobody would see the exception here. The decode meets the same failure and reports it.
            }
        }
    }

    private final Compilation compilation;
    private boolean closed;

    private WarmUp(Compilation compilation) {
        this.compilation = compilation;
    }

    /**
     * Begins a warm-up, or joins the one that is running or done.
     *
     * @throws IllegalStateException if Java was started without the Vector API, saying which flag is missing
     */
    public static WarmUp begin() {
        return begin(false);
    }

    /** @param tiny whether the kernels that only tiny autoencoders use are wanted too */
    static synchronized WarmUp begin(boolean tiny) {
        VectorApi.require();
        if (only == null || only.enough || tiny && !only.tiny && !only.thread.isAlive()) only = new Compilation(tiny);
        only.tiny |= tiny;
        only.wanted++;
        return new WarmUp(only);
    }

    boolean isRunning() {
        return compilation.thread.isAlive();
    }

    /** Waits until the arithmetic is compiled. An interrupt ends the waiting, and the thread stays interrupted. */
    void await(BooleanSupplier enough) {
        try {
            while (!enough.getAsBoolean() && !compilation.thread.join(Duration.ofMillis(100)))
                ;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the warm-up, finished or not, unless others have begun it too. Closing again does nothing. */
    @Override
    public void close() {
        synchronized (WarmUp.class) {
            if (closed) return;
            closed = true;
            if (--compilation.wanted > 0 || !compilation.thread.isAlive()) return;
            compilation.enough = true;
        }
        boolean interrupted = false;
        while (true)
            try {
                compilation.thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
