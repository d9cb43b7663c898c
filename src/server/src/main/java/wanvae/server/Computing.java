package wanvae.server;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs long computations on platform threads. The threads that speak HTTP are virtual: they share a few carrier
 * threads, and none may occupy one for long.
 */
final class Computing {
    private Computing() {}

    /** A computation that takes milliseconds or more. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Runs the work on a platform thread and waits for it. An interrupt of the caller is passed on.
     *
     * @throws CancellationException if this thread is interrupted
     * @throws IOException what the work throws
     */
    static <T> T call(Work<T> work) throws IOException {
        var task = new FutureTask<T>(work::run);
        Thread thread = Thread.ofPlatform().daemon().name("wanvae-computing").start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IOException(e.getCause());
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            joined(thread);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    private static void joined(Thread thread) {
        while (thread.isAlive())
            try {
                thread.join();
            } catch (InterruptedException again) {
                // The work has been interrupted and ends soon.
            }
    }
}
