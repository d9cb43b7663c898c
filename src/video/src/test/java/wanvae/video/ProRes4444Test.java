package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.PictureSink;

/** ProRes with alpha, read by ffmpeg. */
class ProRes4444Test {
    @TempDir
    Path folder;

    private enum Alpha {
        OPAQUE,
        GRADIENT,
        NOISE,
        DISC
    }

    private static float alpha(Alpha kind, int y, int x, int height, int width, Random random) {
        return switch (kind) {
            case OPAQUE -> 1;
            case GRADIENT -> 2f * x / width - 1;
            case NOISE -> 2 * random.nextFloat() - 1;
            case DISC -> Math.hypot(y - height / 2.0, x - width / 2.0) < height / 3.0 ? 1 : -1;
        };
    }

    /** Opaque colours of a moving gradient, or noise of all colours at the extremes. */
    private static Frame frame(Alpha kind, int height, int width, int index) {
        Random random = new Random(index);
        Frame rgb = Clips.frame(height, width, index);
        float[] row = new float[3 * width], pixels = new float[4 * height * width];
        for (int y = 0, at = 0; y < height; y++) {
            rgb.row(y, row);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++)
                    pixels[at++] = kind == Alpha.NOISE ? 2 * random.nextInt(2) - 1 : row[3 * x + c];
                pixels[at++] = alpha(kind, y, x, height, width, random);
            }
        }
        return Frame.of(height, width, pixels);
    }

    @ParameterizedTest
    @CsvSource({
        "32, 48, GRADIENT",
        "16, 16, OPAQUE",
        "33, 47, DISC",
        "160, 272, GRADIENT",
        "1, 1, DISC",
        "48, 400, NOISE",
        "100, 252, DISC"
    })
    void ffmpegShowsColoursAndAlpha(int height, int width, Alpha kind) throws IOException, InterruptedException {
        Path file = folder.resolve("a.mov");
        try (PictureSink sink = VideoOutput.open(file, OutputOptions.DEFAULT)) {
            sink.begin(new VideoShape(1, 2, height, width, 4));
            for (int i = 0; i < 2; i++) sink.frame(0, i, frame(kind, height, width, i));
            sink.finish();
            assertTrue(sink.warnings().isEmpty());
        }
        String probe = Ffmpeg.probe(file);
        for (String line : new String[] {
            "codec_tag_string=ap4h", "profile=4444", "pix_fmt=yuva444p12le", "nb_read_frames=2", "width=" + width
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);

        byte[] shown = Ffmpeg.decode(file, "yuva444p12le");
        int plane = height * width;
        assertEquals(2 * 4 * 2 * plane, shown.length);
        double[] squares = new double[4];
        for (int f = 0; f < 2; f++) {
            float[] row = new float[4 * width];
            Frame frame = frame(kind, height, width, f);
            for (int y = 0; y < height; y++) {
                frame.row(y, row);
                for (int x = 0; x < width; x++) {
                    double r = unit(row[4 * x]), g = unit(row[4 * x + 1]), b = unit(row[4 * x + 2]);
                    double luma = 0.299 * r + 0.587 * g + 0.114 * b;
                    double[] wanted = {
                        256 + 3504 * luma,
                        2048 + 1792 * (b - luma) / 0.886,
                        2048 + 1792 * (r - luma) / 0.701,
                        4095 * unit(row[4 * x + 3])
                    };
                    for (int p = 0; p < 4; p++) {
                        int at = 2 * ((4 * f + p) * plane + y * width + x);
                        int level = (shown[at] & 255) | (shown[at + 1] & 255) << 8;
                        squares[p] += Math.pow(level - wanted[p], 2) / (2 * plane);
                        if (p == 3) assertEquals(wanted[p], level, 1, "alpha at " + y + ", " + x);
                    }
                }
            }
        }
        // In units of 12 bits: a quantiser of two levels of 10 bits.
        for (int p = 0; p < 3; p++)
            assertTrue(squares[p] < 4 * 4, "plane " + p + " is off by " + Math.sqrt(squares[p]));
    }

    private static double unit(float x) {
        return Math.clamp(x * 0.5 + 0.5, 0.0, 1.0);
    }
}
