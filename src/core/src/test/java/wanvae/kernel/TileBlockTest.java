package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import wanvae.runtime.Caches;

/** How windows are cut into blocks of tiles, here of 6x4 pixels. */
class TileBlockTest {
    private static final int HEIGHT = 6, WIDTH = 4;

    /** Scratch is for the largest of a whole picture; every window of it must do with that. */
    @Test
    void noBlockIsLargerThanTheLargest() {
        for (Caches caches : new Caches[] {Caches.DEFAULT, withLevel2(512 << 10), withLevel2(1)})
            caches.assumed(() -> {
                for (int channels : new int[] {96, 384})
                    for (int pictureWidth : new int[] {1, 30, 133, 416})
                        for (int pictureHeight : new int[] {1, 40, 241})
                            noBlockIsLarger(pictureHeight, pictureWidth, channels);
                return null;
            });
    }

    private static void noBlockIsLarger(int pictureHeight, int pictureWidth, int channels) {
        TileBlock[] largest = TileBlock.largest(Window.whole(pictureHeight, pictureWidth), HEIGHT, WIDTH, channels)
                .toArray(TileBlock[]::new);
        for (int width = 1; width <= pictureWidth; width += 7)
            for (int height = 1; height <= pictureHeight; height += 11)
                for (int threads : new int[] {1, 2, 7, 64})
                    for (int piece : new int[] {1, 4, 8}) {
                        TileBlock block =
                                TileBlock.of(Window.whole(height, width), HEIGHT, WIDTH, channels, piece, threads);
                        TileBlock most = largest[block.across() - 1];
                        assertEquals(block.across(), most.across());
                        assertTrue(
                                block.down() >= 1 && block.down() <= most.down(),
                                block + " of " + height + "x" + width + ", " + threads + " threads");
                        assertTrue(
                                block.across() % piece == 0 || block.across() * WIDTH >= width,
                                block + " in pieces of " + piece);
                    }
    }

    /** 52 columns as two of 26, not 32 and 20, unless blocks begin at pieces; a small frame as one block a thread. */
    @Test
    void blocksAreEven() {
        assertEquals(new TileBlock(26, 4), block(Caches.DEFAULT, 120, 208, 384, 1));
        assertEquals(new TileBlock(32, 3), block(Caches.DEFAULT, 120, 208, 384, 8));
        assertEquals(new TileBlock(8, 3), block(Caches.DEFAULT, 32, 32, 384, 1));
    }

    /** Many threads get blocks of other shapes, where they would wait for one another with the usual ones. */
    @Test
    void manyThreadsShareEvenly() {
        // 10 rows of 26 tiles as 2 x 4 blocks of 7 x 5 tiles, not as 5 of 26 x 2, which leave three threads idle.
        assertEquals(new TileBlock(7, 5), block(60, 104, 8));
        // 20 rows of 52: a block for each of 32 threads.
        assertEquals(new TileBlock(7, 5), block(120, 208, 32));
        // Never less than the rows of a register tile.
        assertEquals(12, block(60, 104, 1000).tiles());
        // One thread and two have the cuts that were measured.
        assertEquals(new TileBlock(26, 4), block(60, 104, 1));
        assertEquals(new TileBlock(26, 5), block(60, 104, 2));
        assertEquals(new TileBlock(26, 4), block(240, 416, 2));
        assertEquals(new TileBlock(16, 6), block(64, 64, 1));
        assertEquals(new TileBlock(16, 6), block(64, 64, 2));
    }

    private static TileBlock block(int height, int width, int threads) {
        return Caches.DEFAULT.assumed(() -> TileBlock.of(Window.whole(height, width), HEIGHT, WIDTH, 384, 1, threads));
    }

    /** Where V of many channels does not fit into the cache, blocks have fewer tiles; but never too few. */
    @Test
    void blocksFitTheCache() {
        assertEquals(new TileBlock(26, 4), block(Caches.DEFAULT, 120, 208, 1024, 1));
        assertEquals(new TileBlock(26, 4), block(withLevel2(8 << 20), 120, 208, 1024, 1));
        assertEquals(new TileBlock(26, 4), block(withLevel2(512 << 10), 120, 208, 192, 1));
        assertEquals(new TileBlock(26, 2), block(withLevel2(512 << 10), 120, 208, 384, 1));
        assertEquals(new TileBlock(26, 2), block(withLevel2(128 << 10), 120, 208, 384, 1));
        assertEquals(new TileBlock(26, 2), block(new Caches(1, 1 << 20, 1, 2, 1), 120, 208, 384, 1));
    }

    private static TileBlock block(Caches caches, int height, int width, int channels, int piece) {
        return caches.assumed(() -> TileBlock.of(Window.whole(height, width), HEIGHT, WIDTH, channels, piece, 2));
    }

    private static Caches withLevel2(long bytes) {
        return new Caches(1, bytes, 1, 1, 1);
    }
}
