package wanvae.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C and SIGTERM: asks the command to stop and holds the JVM's shutdown until it has put its temporary files away,
 * then exits with 130. Decodes ask {@link #getAsBoolean} between blocks of work; what blocks is woken by an interrupt.
 */
final class Interruption implements BooleanSupplier {
    private static final int PATIENCE_SECONDS = 10, MOMENTS = 20;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean requested;
    private volatile boolean exiting;

    /** True once the user has asked to stop. */
    @Override
    public boolean getAsBoolean() {
        return requested;
    }

    /**
     * Whether the user has asked to stop, or does within a moment: one Ctrl-C ends both sides of a pipe, and the other
     * side's end may be seen first.
     */
    boolean isComing() {
        try {
            for (int i = 0; i < MOMENTS && !requested; i++) Thread.sleep(10);
            return requested;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Watches over the calling thread, which must call {@link #exit} when its command has ended. */
    void watch() {
        Thread command = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (exiting) return;
                            requested = true;
                            command.interrupt();
                            try {
                                ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                // the JVM ends in any case
                            }
                            Runtime.getRuntime().halt(Main.INTERRUPTED);
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
