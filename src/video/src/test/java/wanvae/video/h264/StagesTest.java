package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages of the encoder by themselves. */
class StagesTest {
    @Test
    void fineQuantisationGivesTheResidualBack() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            byte[] source = new byte[64], pred = new byte[64], out = new byte[64];
            random.nextBytes(source);
            random.nextBytes(pred);
            short[] block = new short[64];
            int[] levels = new int[64];
            Transform8x8 transform = new Transform8x8();
            transform.forward(source, 0, 8, pred, 0, 8, block);
            int nonZero = Quantizer.quantize8x8(block, levels, 0, DeadZone.NEAREST);
            assertEquals(Arrays.stream(levels).filter(level -> level != 0).count(), nonZero);
            Quantizer.scale8x8(levels, nonZero, block, 0);
            transform.inverse(block, pred, 0, 8, out, 0, 8);
            for (int i = 0; i < 64; i++) assertEquals(source[i] & 0xFF, out[i] & 0xFF, 2);

            Transform4x4 small = new Transform4x4();
            small.forward(source, 0, 8, pred, 0, 8, block, 32);
            int significant = Quantizer.significant4x4(block, 32, 0, DeadZone.NEAREST);
            for (int i = 0; i < 2; i++) {
                nonZero =
                        Quantizer.quantize4x4(block, 32 + 4 * i, significant >>> 4 * i, levels, 0, 0, DeadZone.NEAREST);
                assertEquals(
                        Arrays.stream(levels, 0, 16).filter(level -> level != 0).count(), nonZero);
                for (int k = 0; k < 16; k++) block[32 + 4 * i + Scan.COLUMNS_4X4[k]] = 0;
                Quantizer.scale4x4(levels, nonZero, block, 32 + 4 * i, 0, 0);
            }
            small.inverse(block, 32, pred, 0, 8, out, 0, 8);
            for (int i = 0; i < 32; i++) assertEquals(source[i] & 0xFF, out[i] & 0xFF, 2);
        }
    }

    @Test
    void zigzagIsTheStandards() {
        assertArrayEquals(new int[] {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15}, Scan.ZIGZAG_4X4);
        assertArrayEquals(new int[] {0, 8, 1, 2, 9, 16, 24, 17}, Arrays.copyOf(Scan.COLUMNS_8X8, 8));
    }

    @Test
    void chromaQuantiserFollowsTheTable() {
        assertEquals(29, Quantizer.chromaQp(29));
        assertEquals(29, Quantizer.chromaQp(30));
        assertEquals(34, Quantizer.chromaQp(37));
        assertEquals(39, Quantizer.chromaQp(51));
    }

    @Test
    void countedBitsAreWhatWritingTakes() {
        Random random = new Random(2);
        BinCounter contexts = new BinCounter(ChromaFormat.YUV420), counter = new BinCounter(ChromaFormat.YUV420);
        contexts.initialize(false, 30);
        counter.copy(contexts);
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        BinWriter writer = new BinWriter(out, contexts);
        Bins bins = new Bins(ChromaFormat.YUV420);
        double counted = 0;
        for (int i = 0; i < 20000; i++) {
            int context = 60 + random.nextInt(100), bin = random.nextInt(100) < context % 50 ? 1 : 0;
            bins.clear();
            bins.bin(context, bin);
            if (i % 7 == 0) bins.bypass(bin);
            if (i == 19999) bins.terminate(1);
            counted += (double) counter.count(bins) / BinCounter.BIT;
            writer.write(bins);
        }
        assertEquals(8.0 * out.position(), counted, 0.01 * counted);
    }

    @Test
    void emulationOfStartCodesIsPrevented() {
        assertArrayEquals(
                new byte[] {0x65, 0, 0, 3, 0, 0, 3, 1, 4},
                NalUnit.of(NalUnit.IDR_SLICE, 3, ByteBuffer.wrap(new byte[] {0, 0, 0, 0, 1, 4})));
    }

    /** The sample at a quarter position from the six-tap filter as 8.4.2.2.1 writes it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void quarterSamplesAreTheStandards(boolean blackAndWhite) {
        Reconstruction picture = new Reconstruction(ChromaFormat.YUV420, 32, 32);
        fill(picture.y[0], blackAndWhite);
        picture.makeReference();
        byte[] out = new byte[256];
        for (int my = 0; my < 4; my++)
            for (int mx = 0; mx < 4; mx++)
                for (int n : new int[] {8, 16}) {
                    Interpolation.luma(picture, picture.y, 8, 8, mx + 4, my - 4, n, n, out, 0);
                    for (int y = 0; y < n; y++)
                        for (int x = 0; x < n; x++)
                            assertEquals(
                                    quarter(picture, 9 + x, 7 + y, mx, my), out[16 * y + x] & 0xFF, mx + ", " + my);
                }
    }

    /** Extremes too: for some of them the filter leaves 16 bits. */
    private static void fill(byte[] samples, boolean blackAndWhite) {
        new Random(3).nextBytes(samples);
        if (blackAndWhite) for (int i = 0; i < samples.length; i++) samples[i] = (byte) (samples[i] < 0 ? 255 : 0);
    }

    @Test
    void halfSamplesOfTheWorstPictureAreTheStandards() {
        Reconstruction picture = new Reconstruction(ChromaFormat.YUV420, 32, 32);
        // Along both ways 1, -5, 20, 20, -5, 1 meets what makes it greatest, and least.
        for (int i = 0; i < picture.y[0].length; i++) {
            int x = i % picture.stride % 6, y = i / picture.stride % 6;
            picture.y[0][i] = (byte) ((x == 1 || x == 4) == (y == 1 || y == 4) ? 255 : 0);
        }
        picture.makeReference();
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32; x++)
                assertEquals(half(picture, 2 * x + 1, 2 * y + 1), picture.y[3][picture.at(x, y)] & 0xFF, x + ", " + y);
    }

    /** The bilinear mean as 8.4.2.2.2 writes it. */
    @Test
    void chromaSamplesAreTheStandards() {
        Reconstruction picture = new Reconstruction(ChromaFormat.YUV420, 32, 32);
        byte[] u = picture.planes[1][0];
        fill(u, false);
        picture.makeReference();
        byte[] out = new byte[64];
        for (int my = 0; my < 8; my++)
            for (int mx = 0; mx < 8; mx++)
                for (int n : new int[] {4, 8}) {
                    Interpolation.chroma(picture, u, 4, 4, mx - 8, my + 8, n, n, out, 0);
                    for (int y = 0; y < n; y++)
                        for (int x = 0; x < n; x++) {
                            int at = picture.chromaAt(3 + x, 5 + y), below = at + picture.chromaStride;
                            int top = (8 - mx) * (u[at] & 0xFF) + mx * (u[at + 1] & 0xFF);
                            int bottom = (8 - mx) * (u[below] & 0xFF) + mx * (u[below + 1] & 0xFF);
                            assertEquals((8 - my) * top + my * bottom + 32 >> 6, out[8 * y + x] & 0xFF, mx + ", " + my);
                        }
                }
    }

    private static int quarter(Reconstruction p, int x, int y, int mx, int my) {
        // Whole and half samples nearest to the position; quarter ones are means of two of them.
        if ((mx & 1) == 0 && (my & 1) == 0) return half(p, 2 * x + mx / 2, 2 * y + my / 2);
        int ax, ay, bx, by;
        if ((mx & 1) == 1 && (my & 1) == 1) { // the diagonal: the half samples on the sides
            ax = 2 * x + 1;
            ay = 2 * y + (my == 3 ? 2 : 0);
            bx = 2 * x + (mx == 3 ? 2 : 0);
            by = 2 * y + 1;
        } else {
            ax = 2 * x + (mx >> 1);
            ay = 2 * y + (my >> 1);
            bx = 2 * x + (mx + 1 >> 1);
            by = 2 * y + (my + 1 >> 1);
        }
        return half(p, ax, ay) + half(p, bx, by) + 1 >> 1;
    }

    private static int half(Reconstruction p, int hx, int hy) {
        int x = hx >> 1, y = hy >> 1;
        boolean across = (hx & 1) == 1, down = (hy & 1) == 1;
        if (!across && !down) return p.y[0][p.at(x, y)] & 0xFF;
        int[] taps = {1, -5, 20, 20, -5, 1};
        int sum = 0;
        for (int i = 0; i < 6; i++) {
            if (!(across && down)) sum += taps[i] * (p.y[0][across ? p.at(x + i - 2, y) : p.at(x, y + i - 2)] & 0xFF);
            else for (int j = 0; j < 6; j++) sum += taps[i] * taps[j] * (p.y[0][p.at(x + i - 2, y + j - 2)] & 0xFF);
        }
        return Math.clamp(across && down ? sum + 512 >> 10 : sum + 16 >> 5, 0, 255);
    }

    @Test
    void motionIsFound() {
        Reconstruction reference = new Reconstruction(ChromaFormat.YUV420, 64, 64);
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                reference.y[0][reference.at(x, y)] =
                        (byte) (128 + 60 * StrictMath.sin(x / 6.0) + 50 * StrictMath.cos(y / 5.0 + x / 17.0));
        reference.makeReference();
        byte[] source = new byte[64 * 64], block = new byte[256];
        Interpolation.luma(reference, reference.y, 24, 24, 13, -6, 16, 16, block, 0);
        for (int y = 0; y < 16; y++) System.arraycopy(block, 16 * y, source, (24 + y) * 64 + 24, 16);
        MotionSearch search = new MotionSearch(new byte[][] {source}, null, 0, 64, 64, 64);
        search.search(reference, 24, 24, 16, 16, 0, 0, 256, new int[0], 0, Integer.MAX_VALUE);
        assertEquals(13, search.mx);
        assertEquals(-6, search.my);
    }

    @Test
    void trellisSavesBitsForLittleDistortion() {
        Random random = new Random(4);
        BinCounter contexts = new BinCounter(ChromaFormat.YUV420);
        contexts.initialize(false, 28);
        Trellis trellis = new Trellis(contexts);
        int plain = 0, chosen = 0;
        for (int round = 0; round < 300; round++) {
            short[] block = new short[64];
            int[] levels = new int[64];
            byte[] source = new byte[64];
            for (int i = 0; i < 64; i++) source[i] = (byte) (128 + random.nextGaussian() * 40);
            new Transform8x8().forward(source, 0, 8, new byte[64], 0, 8, block);
            block[0] = 0;
            plain += Quantizer.quantize8x8(block, levels, 28, DeadZone.NEAREST);
            int[] rounded = levels.clone();
            chosen += trellis.quantize8x8(block, levels, 28, Lambda.ssd(SliceType.P)[28], ResidualWriter.BLOCK_8X8[0]);
            for (int i = 0; i < 64; i++) {
                assertTrue(Math.abs(levels[i]) <= Math.abs(rounded[i]) && Math.abs(levels[i] - rounded[i]) <= 1);
                assertTrue((long) levels[i] * rounded[i] >= 0);
            }
        }
        assertTrue(chosen < plain && chosen > plain / 2, chosen + " of " + plain);
    }
}
