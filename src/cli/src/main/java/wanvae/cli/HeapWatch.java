package wanvae.cli;

import java.util.function.LongSupplier;

/**
 * Keeps the heap of a process small. The serial collector leaves what has grown old alone until the heap has its greatest
 * size, by default a quarter of the machine's memory, and an encoder's pictures grow old before they become garbage. So all
 * of the heap is collected whenever it holds twice what was in use after the last time.
 */
final class HeapWatch implements Runnable {
    /** In bytes: a heap that holds less is left alone. */
    static final long LEAST = 64 << 20;

    private static final int INTERVAL_MILLISECONDS = 100;

    private final LongSupplier used;
    private final Runnable collection;
    private long most = LEAST;

    /**
     * @param used       bytes of the heap that are in use
     * @param collection collects the heap
     */
    HeapWatch(LongSupplier used, Runnable collection) {
        this.used = used;
        this.collection = collection;
    }

    /** Watches from now on, on a thread that ends with the process, if the launcher has chosen the serial collector. */
    static void begin() {
        if (!Boolean.getBoolean("wanvae.heapwatch")) return;
        Runtime runtime = Runtime.getRuntime();
        Thread.ofPlatform()
                .daemon()
                .name("wanvae-heap")
                .start(new HeapWatch(() -> runtime.totalMemory() - runtime.freeMemory(), System::gc));
    }

    @Override
    public void run() {
        try {
            while (true) {
                check();
                Thread.sleep(INTERVAL_MILLISECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    void check() {
        if (used.getAsLong() <= most) return;
        collection.run();
        most = Math.max(LEAST, 2 * used.getAsLong());
    }
}
