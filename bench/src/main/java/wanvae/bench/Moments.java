package wanvae.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.FloatPointer;

/** The moments of a clip, {@code [T][32][H][W]}, for comparing two encoders. */
final class Moments {
    private final int frame;
    private final float[] values;

    Moments(Size size) {
        frame = 32 * size.height() * size.width();
        values = new float[size.frames() * frame];
    }

    void put(int index, FloatPointer source) {
        source.get(values, index * frame, frame);
    }

    void put(int index, float[] source) {
        System.arraycopy(source, 0, values, index * frame, frame);
    }

    void write(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    /** Greatest difference of two files. */
    static double difference(Path a, Path b) throws IOException {
        ByteBuffer first = ByteBuffer.wrap(Files.readAllBytes(a)).order(ByteOrder.LITTLE_ENDIAN),
                second = ByteBuffer.wrap(Files.readAllBytes(b)).order(ByteOrder.LITTLE_ENDIAN);
        if (first.remaining() != second.remaining()) throw new IOException(a + " and " + b + " differ in size");
        double difference = 0;
        while (first.hasRemaining()) difference = Math.max(difference, Math.abs(first.getFloat() - second.getFloat()));
        return difference;
    }
}
