package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeapWatchTest {
    private long used, live;
    private int collections;
    private final HeapWatch watch = new HeapWatch(() -> used, () -> {
        used = live;
        collections++;
    });

    private void grow(long to, int expected) {
        used = to;
        watch.check();
        assertEquals(expected, collections, to + " bytes used");
    }

    @Test
    void collectsWhenTheHeapHasDoubled() {
        long least = HeapWatch.LEAST;
        live = least;
        grow(least, 0);
        grow(least + 1, 1);
        grow(2 * least, 1);
        grow(2 * least + 1, 2);
        live = 1;
        grow(2 * least + 1, 3);
        grow(least, 3);
        grow(least + 1, 4);
    }
}
