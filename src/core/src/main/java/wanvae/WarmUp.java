package wanvae;

import wanvae.kernel.Kernels;

/**
 * Has the arithmetic compiled while weights are read, by a thread of its own ({@link Kernels}). Once in a process is
 * enough: {@link WanVae#open} begins it and the first decode waits for it; who has something else to do before may
 * begin it earlier.
 */
public final class WarmUp implements AutoCloseable {
    private static WarmUp only;

    private final Thread thread;
    private volatile boolean enough;

    WarmUp() {
        thread = Thread.ofPlatform().daemon().name("wanvae-warm-up").start(this::run);
    }

    /** @return the process's only one, ended or not, or a new one after that was closed; closing it stops its thread */
    public static synchronized WarmUp begin() {
        if (only == null || only.enough) only = new WarmUp();
        return only;
    }

    private void run() {
        try {
            Kernels.compile(() -> enough);
        } catch (OutOfMemoryError e) {
            // The decode begins more slowly, or has its own to say about it.
        }
    }

    boolean isRunning() {
        return thread.isAlive();
    }

    /** Waits until the arithmetic is compiled. An interruption ends that and stays. */
    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, finished or not. */
    @Override
    public void close() {
        enough = true;
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
