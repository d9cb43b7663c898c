package wanvae.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Handles Ctrl-C and SIGTERM: asks the command to stop, holds the JVM's shutdown until the command has removed its
 * temporary files, then exits with 130. Decodes ask {@link #getAsBoolean} between blocks of work; a thread that waits
 * is interrupted.
 */
public final class Interruption implements BooleanSupplier {
    private static final int MOMENTS = 20;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Duration patience = Duration.ofSeconds(10);
    private volatile int code = Main.INTERRUPTED;
    private volatile boolean requested;
    private volatile boolean exiting;

    /** True once the user has asked to stop. */
    @Override
    public boolean getAsBoolean() {
        return requested;
    }

    /**
     * Whether the user has asked to stop, or does so within a moment. One Ctrl-C ends both programs of a pipe, and the
     * end of the other program may be noticed first.
     */
    boolean isComing() {
        try {
            for (int i = 0; i < MOMENTS && !requested; i++) Thread.sleep(10);
            return requested;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /**
     * Declares that being asked to stop is the normal end of this command.
     *
     * @param patience how long the command may take to clean up
     * @param code     the process's exit code then
     */
    public void grant(Duration patience, int code) {
        this.patience = patience;
        this.code = code;
    }

    /** Waits until the user asks to stop. */
    public void await() {
        try {
            while (!requested) Thread.sleep(Duration.ofDays(1));
        } catch (InterruptedException e) {
            // The interrupt is the request to stop. Catching it has cleared the thread's flag, so the command can clean
            // up.
        }
    }

    /** Registers the calling thread as the one to interrupt. It must call {@link #exit} when its command has ended. */
    void watch() {
        Thread command = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (exiting) return;
                            requested = true;
                            command.interrupt();
                            try {
                                ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
                            } catch (InterruptedException e) {
                                // the JVM ends in any case
                            }
                            Runtime.getRuntime().halt(code);
                        },
                        "wanvae-interruption"));
    }

    /** Ends the process with {@code code}; with 130 if a shutdown is already under way. */
    void exit(int code) {
        if (requested) {
            ended.countDown();
            return;
        }
        exiting = true;
        System.exit(code);
    }
}
