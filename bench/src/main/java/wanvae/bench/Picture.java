package wanvae.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.FloatPointer;
import wanvae.frame.Frame;

/** Decoded samples, {@code [3][F][H][W]} float32: to see that two decoders made the same of the same latents. */
final class Picture {
    private final int frames, height, width;
    private final float[] samples;

    /** @param latents size of the latents it was decoded from */
    Picture(Size latents) {
        frames = latents.videoFrames();
        height = 8 * latents.height();
        width = 8 * latents.width();
        samples = new float[3 * frames * height * width];
    }

    private int index(int c, int t, int y, int x) {
        return ((c * frames + t) * height + y) * width + x;
    }

    float get(int c, int t, int y, int x) {
        return samples[index(c, t, y, x)];
    }

    /** Frames {@code first} and on, from {@code [3][count][H][W]}. */
    void put(int first, int count, FloatPointer chunk) {
        int plane = height * width;
        for (int c = 0; c < 3; c++)
            chunk.getPointer((long) c * count * plane).get(samples, index(c, first, 0, 0), count * plane);
    }

    void put(int t, Frame frame) {
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    samples[index(c, t, y, x)] = frame.pixels()
                            .get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * ((y * width + x) * 3 + c));
    }

    void write(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(samples);
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) out.write(bytes);
        }
    }

    /** Greatest absolute difference of two written pictures; infinite where one has other sizes or a NaN. */
    static double difference(Path a, Path b) throws IOException {
        FloatBuffer x = read(a), y = read(b);
        if (x.capacity() != y.capacity()) return Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < x.capacity(); i++) {
            double d = Math.abs(x.get(i) - y.get(i));
            if (!(d <= most)) most = Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
        }
        return most;
    }

    private static FloatBuffer read(Path file) throws IOException {
        return ByteBuffer.wrap(java.nio.file.Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }

    /** How far a decode may be from the true picture: fp32 by rounding; bf16 by 0.05, measured, on a range of 2. */
    static double tolerance(String type) {
        return type.equals("bf16") ? 0.1 : 1e-4;
    }
}
