package wanvae.video.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import wanvae.frame.Frame;
import wanvae.video.Clips;

/** Frames become bytes exactly as diffusers makes them; the expectations are its own. */
class PostprocessTest {
    @Test
    void decodedFramesMatchBothRoundings() throws IOException {
        check("frames.safetensors", "expected", "trunc", "round", 1, 3, 64, 48);
    }

    @Test
    void unitCasesMatchBothRoundings() throws IOException {
        check("postprocess.safetensors", "video", "u8_export_trunc", "u8_pil_round", 2, 2, 4, 5);
    }

    private static void check(
            String file,
            String sample,
            String truncated,
            String rounded,
            int members,
            int frames,
            int height,
            int width)
            throws IOException {
        ByteBuffer values = Clips.golden(file, sample);
        ByteBuffer trunc = Clips.golden(file, truncated);
        ByteBuffer round = Clips.golden(file, rounded);
        for (int b = 0; b < members; b++)
            for (int f = 0; f < frames; f++) {
                float[] pixels = new float[3 * height * width];
                for (int c = 0; c < 3; c++)
                    for (int i = 0; i < height * width; i++)
                        pixels[3 * i + c] = values.getFloat(4 * (((b * 3 + c) * frames + f) * height * width + i));
                Frame frame = new Frame(height, width, MemorySegment.ofArray(pixels));
                byte[] expected = new byte[pixels.length];
                trunc.get(expected);
                assertArrayEquals(
                        expected,
                        new SignedPicture(frame).toRgb(Quantization.TRUNCATE).bytes());
                round.get(expected);
                assertArrayEquals(
                        expected, Rgb.of(Rgb.of(frame).toBufferedImage()).bytes());
            }
    }

    @Test
    void unitFloatsMatchToo() throws IOException {
        float[] values = new float[2 * 2 * 4 * 5 * 3];
        Clips.golden("postprocess.safetensors", "frames01").asFloatBuffer().get(values);
        byte[] expected = new byte[values.length];
        Clips.golden("postprocess.safetensors", "u8_export_trunc").get(expected);
        assertArrayEquals(
                expected,
                new UnitPicture(16, 5, values).toRgb(Quantization.TRUNCATE).bytes());
    }

    @Test
    void nonfiniteValuesAreClampedAndNanIsBlack() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pixels = arena.allocate(12);
            pixels.set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
            pixels.set(ValueLayout.JAVA_FLOAT, 4, Float.POSITIVE_INFINITY);
            pixels.set(ValueLayout.JAVA_FLOAT, 8, Float.NEGATIVE_INFINITY);
            BufferedImage image = Rgb.of(new Frame(1, 1, pixels)).toBufferedImage();
            assertEquals(0xff00ff00, image.getRGB(0, 0));
        }
    }

    @Test
    void bytesSurviveTheWayThroughFloats() {
        byte[] all = new byte[3 * 256];
        for (int i = 0; i < all.length; i++) all[i] = (byte) (i / 3);
        assertArrayEquals(
                all,
                new SignedPicture(new Rgb(16, 16, all).toFrame())
                        .toRgb(Quantization.ROUND)
                        .bytes());
    }
}
