package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How windows are cut into blocks of tiles, here of 6x4 pixels. */
class TileBlockTest {
    private static final int HEIGHT = 6, WIDTH = 4;

    /** Scratch is for the largest of a whole picture; every window of it must do with that. */
    @Test
    void noBlockIsLargerThanTheLargest() {
        for (int pictureWidth : new int[] {1, 30, 133, 416})
            for (int pictureHeight : new int[] {1, 40, 241}) {
                TileBlock[] largest = TileBlock.largest(Window.whole(pictureHeight, pictureWidth), HEIGHT, WIDTH)
                        .toArray(TileBlock[]::new);
                for (int width = 1; width <= pictureWidth; width += 7)
                    for (int height = 1; height <= pictureHeight; height += 11)
                        for (int threads : new int[] {1, 2, 7, 64})
                            for (int piece : new int[] {1, 4, 8}) {
                                TileBlock block =
                                        TileBlock.of(Window.whole(height, width), HEIGHT, WIDTH, piece, threads);
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
    }

    /** 52 columns as two of 26, not 32 and 20, unless blocks begin at pieces; a small frame as one block a thread. */
    @Test
    void blocksAreEven() {
        assertEquals(new TileBlock(26, 4), TileBlock.of(Window.whole(120, 208), HEIGHT, WIDTH, 1, 2));
        assertEquals(new TileBlock(32, 3), TileBlock.of(Window.whole(120, 208), HEIGHT, WIDTH, 8, 2));
        assertEquals(new TileBlock(8, 3), TileBlock.of(Window.whole(32, 32), HEIGHT, WIDTH, 1, 2));
    }
}
