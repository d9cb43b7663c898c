package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where the search of motion starts, and what it compares. */
class MotionTest {
    private static final int WIDTH = 64, HEIGHT = 48;

    private static Reconstruction reference(int seed) {
        Reconstruction reference = new Reconstruction(ChromaFormat.YUV420, WIDTH, HEIGHT);
        Random random = new Random(seed);
        for (byte[][] plane : reference.planes) random.nextBytes(plane[0]);
        reference.makeReference();
        return reference;
    }

    /** The bilinear mean of 8.4.2.2.2, and transforms of 4x4 blocks one by one. */
    @Test
    void chromaDifferenceIsTheSumOverBothPlanes() {
        Random random = new Random(7);
        byte[][] sources = new byte[2][WIDTH / 2 * HEIGHT / 2];
        for (byte[] source : sources) random.nextBytes(source);
        Reconstruction reference = reference(8);
        ChromaDifference difference = new ChromaDifference(sources, WIDTH / 2);
        for (int round = 0; round < 200; round++)
            for (int w : new int[] {8, 16})
                for (int h : new int[] {8, 16}) {
                    int x = 8 * random.nextInt((WIDTH - w) / 8 + 1), y = 8 * random.nextInt((HEIGHT - h) / 8 + 1);
                    int mx = random.nextInt(-60, 60), my = random.nextInt(-60, 60), sum = 0;
                    for (int plane = 0; plane < 2; plane++) {
                        byte[] moved = moved(reference, plane, x / 2, y / 2, mx, my, w / 2, h / 2);
                        for (int row = 0; row < h / 2; row += 4)
                            for (int column = 0; column < w / 2; column += 4) {
                                int from = (y / 2 + row) * WIDTH / 2 + x / 2 + column;
                                sum += BlockCost.satd4x4(sources[plane], from, WIDTH / 2, moved, 8 * row + column, 8);
                            }
                    }
                    difference.start(x, y, w, h);
                    assertEquals(sum, difference.of(reference, mx, my), w + "x" + h + " by " + mx + ", " + my);
                }
    }

    private static byte[] moved(Reconstruction reference, int plane, int x, int y, int mx, int my, int w, int h) {
        byte[] samples = reference.planes[1 + plane][0], out = new byte[64];
        for (int row = 0; row < h; row++)
            for (int column = 0; column < w; column++) {
                int at = reference.chromaAt(x + column + (mx >> 3), y + row + (my >> 3));
                int below = at + reference.chromaStride, dx = mx & 7, dy = my & 7;
                int top = (8 - dx) * (samples[at] & 0xFF) + dx * (samples[at + 1] & 0xFF);
                int bottom = (8 - dx) * (samples[below] & 0xFF) + dx * (samples[below + 1] & 0xFF);
                out[8 * row + column] = (byte) ((8 - dy) * top + dy * bottom + 32 >> 6);
            }
        return out;
    }

    @Test
    void chromaTellsWhatIsAlikeInLumaApart() {
        Reconstruction reference = new Reconstruction(ChromaFormat.YUV420, WIDTH, HEIGHT);
        Arrays.fill(reference.y[0], (byte) 90);
        for (int y = 0; y < HEIGHT / 2; y++)
            for (int x = 0; x < WIDTH / 2; x++)
                for (int plane = 1; plane < 3; plane++)
                    reference.planes[plane][0][reference.chromaAt(x, y)] = (byte) (8 * x);
        reference.makeReference();
        byte[] luma = new byte[WIDTH * HEIGHT], chroma = new byte[WIDTH / 2 * HEIGHT / 2];
        Arrays.fill(luma, (byte) 90);
        for (int i = 0; i < chroma.length; i++) chroma[i] = (byte) (8 * (i % (WIDTH / 2)) + 3);
        ChromaDifference difference = new ChromaDifference(new byte[][] {chroma, chroma}, WIDTH / 2);
        MotionSearch search = new MotionSearch(new byte[][] {luma}, difference, 0, WIDTH, WIDTH, HEIGHT);
        search.search(reference, 16, 16, 16, 16, 0, 0, 64, new int[0], 0, Integer.MAX_VALUE);
        assertEquals(3, search.mx, "quarter samples of luma, of which 8 are a sample of chroma");
        assertEquals(0, search.my);
    }

    @Test
    void motionGoesOnAsInThePictureBefore() {
        int width = 128, height = 96, by = 40;
        byte[] noise = new byte[(width + by) * height];
        new Random(9).nextBytes(noise);
        SourcePicture[] pictures = new SourcePicture[2];
        for (int i = 0; i < 2; i++) {
            YuvFrame frame = YuvFrame.black(ChromaFormat.YUV420, width, height);
            for (int y = 0; y < height; y++)
                System.arraycopy(noise, y * (width + by) + i * by, frame.y(), y * width, width);
            pictures[i] = new SourcePicture(frame, i);
        }
        Analysis first = pictures[0].analysis, second = pictures[1].analysis;
        int inside = 2 * second.width + 2;
        assertNotEquals(2 * by, new HalfMotion(second, first, null, null).mx[inside], "too far");
        HalfMotion before = new HalfMotion(second, first, null, null);
        Arrays.fill(before.mx, (short) (2 * by));
        Arrays.fill(before.my, (short) 0);
        assertEquals(2 * by, new HalfMotion(second, first, null, before).mx[inside]);
        assertEquals(-2 * by, new HalfMotion(first, second, null, before).mx[inside + 3], "the other way");
    }

    @Test
    void picturesKeepHowFarTheirMotionReaches() {
        Reconstruction[] shown = new Reconstruction[4];
        for (int i = 0; i < 4; i++) {
            shown[i] = new Reconstruction(ChromaFormat.YUV420, WIDTH, HEIGHT);
            shown[i].order = 2 * i;
        }
        ReferenceLists references =
                new ReferenceLists(4, new Reconstruction[] {shown[1], shown[0]}, new Reconstruction[] {shown[3]});
        MbGrid grid = new MbGrid(ChromaFormat.YUV420, WIDTH / 16, HEIGHT / 16);
        Macroblock m = new Macroblock(ChromaFormat.YUV420);
        for (int x = 0; x < 4; x++) {
            m.x = x;
            m.type = x == 3 ? MbType.INTRA_16X16 : MbType.INTER_16X16;
            m.setPartition(0, 0, 5, -6, x < 2 ? x : -1);
            m.setPartition(1, 0, 7, 8, x == 2 ? 0 : -1);
            grid.putMotion(m);
        }
        shown[2].keepMotion(grid, references);
        byte[] distances = {1, 2, -1, 0};
        for (int x = 0; x < 4; x++) assertEquals(distances[x], shown[2].motionDistance[x]);
        assertEquals(5, shown[2].motionX[1]);
        assertEquals(8, shown[2].motionY[2]);
    }
}
