package wanvae.server;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs what computes on a thread of the system's. The threads that speak HTTP are virtual: they take turns on a few
 * processors, and none may hold one for long.
 */
final class Computing {
    private Computing() {}

    /** Something that takes milliseconds or more. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Runs it and waits for it. An interrupt is passed on.
     *
     * @throws CancellationException if this thread is interrupted
     * @throws IOException what it throws
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
                // It ends soon.
            }
    }
}
