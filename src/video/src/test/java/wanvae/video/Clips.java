package wanvae.video;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.PictureSink;

/** Frames for the tests of this package. */
public final class Clips {
    private Clips() {}

    /** A moving colour gradient with a little seeded noise, in [-1.1, 1.1]. */
    public static Frame frame(int height, int width, int index) {
        Random random = new Random(31 * index + 7);
        float[] pixels = new float[3 * height * width];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    pixels[3 * (y * width + x) + c] =
                            (float) (1.05 * Math.sin(0.07 * x * (c + 1) + 0.11 * y + 0.3 * index + c)
                                    + 0.04 * random.nextGaussian());
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }

    /** The eight colours of a test card, upright bars, levels 0.1 and 0.85 of [0, 1]. */
    public static Frame bars(int height, int width) {
        float[] pixels = new float[3 * height * width];
        for (int i = 0; i < height * width; i++) {
            int bar = 7 - 8 * (i % width) / width;
            for (int c = 0; c < 3; c++) pixels[3 * i + c] = (bar >> c & 1) == 1 ? 0.7f : -0.8f;
        }
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }

    /** Sends {@code members} clips of {@code frames} frames through a sink and finishes it. */
    public static void write(PictureSink sink, int members, int frames, int height, int width) throws IOException {
        try (sink) {
            sink.begin(new VideoShape(members, frames, height, width));
            for (int m = 0; m < members; m++)
                for (int f = 0; f < frames; f++) sink.frame(m, f, frame(height, width, 100 * m + f));
            sink.finish();
        }
    }

    /** The bytes of a tensor in a .safetensors resource. */
    public static ByteBuffer golden(String resource, String tensor) throws IOException {
        try (var in = Clips.class.getResourceAsStream(resource)) {
            ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            int header = (int) file.getLong();
            Matcher offsets = Pattern.compile("\"" + tensor + "\":\\{[^}]*\"data_offsets\":\\[(\\d+),(\\d+)]")
                    .matcher(new String(file.array(), 8, header, StandardCharsets.UTF_8).replace(" ", ""));
            if (!offsets.find()) throw new IOException("no " + tensor);
            int from = 8 + header + Integer.parseInt(offsets.group(1));
            return file.slice(from, 8 + header + Integer.parseInt(offsets.group(2)) - from)
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    public static double rms(byte[] a, byte[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += Math.pow((a[i] & 255) - (b[i] & 255), 2);
        return Math.sqrt(sum / a.length);
    }

    public static Path resource(String name) {
        return Path.of("src/test/resources/wanvae/video", name);
    }
}
