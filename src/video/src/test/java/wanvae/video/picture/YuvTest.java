package wanvae.video.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wanvae.video.Clips;
import wanvae.video.Ffmpeg;

class YuvTest {
    /** Every level within a rounding of the recommendation's own formula, in doubles. */
    @ParameterizedTest
    @EnumSource(ColorMatrix.class)
    void followsTheRecommendation(ColorMatrix matrix) {
        Random random = new Random(1);
        byte[] bytes = new byte[3 * 4096];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i += 12) for (int k = 3; k < 12; k++) bytes[i + k] = bytes[i + k % 3];
        // Each run of four equal pixels as a 2x2 block: 2 rows of 2048.
        byte[] blocks = new byte[bytes.length];
        for (int block = 0; block < 1024; block++)
            for (int k = 0; k < 4; k++)
                System.arraycopy(bytes, 12 * block, blocks, 3 * ((k / 2) * 2048 + 2 * block + k % 2), 3);
        Yuv yuv = Yuv.of(new Rgb(2, 2048, blocks), matrix, Chroma.YUV420);
        double kr = matrix == ColorMatrix.BT601 ? 0.299 : 0.2126;
        double kb = matrix == ColorMatrix.BT601 ? 0.114 : 0.0722;
        for (int block = 0; block < 1024; block++) {
            double r = (bytes[12 * block] & 255) / 255.0;
            double g = (bytes[12 * block + 1] & 255) / 255.0;
            double b = (bytes[12 * block + 2] & 255) / 255.0;
            double luma = kr * r + (1 - kr - kb) * g + kb * b;
            assertEquals(16 + 219 * luma, yuv.y()[2 * block] & 255, 0.51);
            assertEquals(128 + 112 * (b - luma) / (1 - kb), yuv.u()[block] & 255, 0.52);
            assertEquals(128 + 112 * (r - luma) / (1 - kr), yuv.v()[block] & 255, 0.52);
        }
    }

    @Test
    void fullChromaIsEachPixelsOwn() {
        Rgb rgb = new SignedPicture(Clips.frame(7, 9, 0)).toRgb(Quantization.TRUNCATE);
        Yuv full = Yuv.of(rgb, ColorMatrix.BT709, Chroma.YUV444);
        assertEquals(7 * 9, full.u().length);
        for (int i = 0; i < 7 * 9; i++) {
            byte[] pixel = Arrays.copyOfRange(rgb.bytes(), 3 * i, 3 * i + 3);
            Yuv alone = Yuv.of(new Rgb(1, 1, pixel), ColorMatrix.BT709, Chroma.YUV420);
            assertEquals(
                    List.of(alone.y()[0], alone.u()[0], alone.v()[0]), List.of(full.y()[i], full.u()[i], full.v()[i]));
        }
        assertTrue(Clips.rms(rgb.bytes(), full.toRgb(Quantization.TRUNCATE).bytes()) < 1.5);
        assertEquals(21 * 18, full.scaledTo(21, 18).v().length);
    }

    @Test
    void greyHasNoColorAndBlackAndWhiteAreLimited() {
        for (ColorMatrix matrix : ColorMatrix.values())
            for (int level = 0; level < 256; level++) {
                byte[] bytes = new byte[3];
                Arrays.fill(bytes, (byte) level);
                Yuv yuv = Yuv.of(new Rgb(1, 1, bytes), matrix, Chroma.YUV420);
                assertArrayEquals(new byte[] {(byte) 128}, yuv.u());
                assertArrayEquals(new byte[] {(byte) 128}, yuv.v());
                assertEquals(Math.round(16 + level * 219 / 255.0), yuv.y()[0] & 255, 0.5);
                assertEquals(level, yuv.toRgb(Quantization.TRUNCATE).bytes()[1] & 255, 1);
            }
    }

    @Test
    void matchesSwscale(@TempDir Path folder) throws IOException, InterruptedException {
        Rgb rgb = new SignedPicture(Clips.frame(96, 160, 3)).toRgb(Quantization.TRUNCATE);
        Path raw = folder.resolve("frame.rgb");
        Files.write(raw, rgb.bytes());
        byte[] theirs = Ffmpeg.run(
                "ffmpeg",
                List.of(
                        "-v",
                        "error",
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        "rgb24",
                        "-s",
                        "160x96",
                        "-i",
                        raw.toString(),
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        "yuv420p",
                        "-"));
        Yuv ours = Yuv.of(rgb, ColorMatrix.BT601, Chroma.YUV420);
        int luma = 96 * 160;
        assertTrue(Clips.rms(ours.y(), Arrays.copyOfRange(theirs, 0, luma)) < 0.1, "luma");
        assertTrue(Clips.rms(ours.u(), Arrays.copyOfRange(theirs, luma, luma * 5 / 4)) < 0.6, "u");
        assertTrue(Clips.rms(ours.v(), Arrays.copyOfRange(theirs, luma * 5 / 4, luma * 3 / 2)) < 0.6, "v");
    }

    @Test
    void sameMatrixIsNoConversion() {
        Yuv yuv = new SignedPicture(Clips.frame(5, 7, 0)).toYuv(ColorMatrix.BT709, Chroma.YUV420);
        assertSame(yuv, yuv.toYuv(ColorMatrix.BT709, Chroma.YUV420));
        assertEquals(
                ColorMatrix.BT601, yuv.toYuv(ColorMatrix.BT601, Chroma.YUV420).matrix());
        assertEquals(3 * 4, yuv.u().length);
    }

    @Test
    void autoChangesAt720Lines() {
        assertEquals(ColorMatrix.BT601, Color.AUTO.matrix(719));
        assertEquals(ColorMatrix.BT709, Color.AUTO.matrix(720));
        assertEquals(ColorMatrix.BT709, Color.BT709.matrix(16));
    }

    @Test
    void scalingKeepsFlatPicturesAndRamps() {
        byte[] y = new byte[20 * 30];
        for (int i = 0; i < y.length; i++) y[i] = (byte) (40 + 4 * (i % 30));
        byte[] flat = new byte[10 * 15];
        Arrays.fill(flat, (byte) 90);
        Yuv scaled = new Yuv(20, 30, ColorMatrix.BT601, Chroma.YUV420, y, flat, flat).scaledTo(32, 48);
        for (byte u : scaled.u()) assertEquals(90, u);
        for (int x = 4; x < 44; x++)
            assertEquals(40 + 4 * ((x + 0.5) * 30 / 48 - 0.5), scaled.y()[16 * 48 + x] & 255, 0.75, "column " + x);
    }
}
