package wanvae.video.image;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import wanvae.video.picture.Picture;

/**
 * Writes PNG and its animated extension: RGB or RGBA of 8 or 16 bits, sRGB, one filter for each row. "Portable Network Graphics
 * Specification (Third Edition)", W3C.
 *
 * <p>zlib reads and writes outside the heap, because JDK 25.0.0 to 25.0.2 under G1 corrupt memory while native code
 * holds an array (JDK-8377811).
 */
public final class PngStream {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private final OutputStream out;
    private final PngFormat format;
    private final int height;
    private final int width;
    private int sequence;

    /** Writes the signature and the header. */
    public PngStream(OutputStream out, PngFormat format, int height, int width) throws IOException {
        this.out = out;
        this.format = format;
        this.height = height;
        this.width = width;
        out.write(SIGNATURE);
        chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put(new byte[] {(byte) format.bitDepth(), (byte) format.colorType(), 0, 0, 0})
                        .array());
        chunk("sRGB", new byte[] {0});
    }

    /** A whole still image, which keeps a picture's alpha and 16 bits. */
    public static byte[] image(Picture picture) {
        var bytes = new ByteArrayOutputStream();
        try {
            PngStream png = new PngStream(bytes, PngFormat.of(picture), picture.height(), picture.width());
            png.chunk("IDAT", png.compress(picture));
            png.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to memory does not fail
        }
        return bytes.toByteArray();
    }

    /** The position in the file of {@link #animationControl}'s chunk, right behind the header's chunks. */
    public static final int ANIMATION_CONTROL_AT = 8 + (12 + 13) + (12 + 1);

    /** The chunk that makes this an animation of {@code frames} frames, shown in an endless loop. */
    public static byte[] animationControl(int frames) {
        return encode("acTL", ByteBuffer.allocate(8).putInt(frames).putInt(0).array());
    }

    /** Writes a whole chunk, such as {@link #animationControl}'s. */
    public void write(byte[] chunk) throws IOException {
        out.write(chunk);
    }

    /** The next frame of an animation, shown for {@code delay} seconds, a fraction of two 16-bit numbers. */
    public void frame(Picture picture, int delayNumerator, int delayDenominator) throws IOException {
        boolean first = sequence == 0;
        chunk(
                "fcTL",
                ByteBuffer.allocate(26)
                        .putInt(sequence++)
                        .putInt(width)
                        .putInt(height)
                        .putInt(0)
                        .putInt(0)
                        .putShort((short) delayNumerator)
                        .putShort((short) delayDenominator)
                        .put((byte) 0)
                        .put((byte) 0)
                        .array());
        byte[] data = compress(picture);
        if (first) chunk("IDAT", data);
        else
            chunk(
                    "fdAT",
                    ByteBuffer.allocate(4 + data.length)
                            .putInt(sequence++)
                            .put(data)
                            .array());
    }

    /** Writes the last chunk and flushes the stream. */
    public void end() throws IOException {
        chunk("IEND", new byte[0]);
        out.flush();
    }

    private void chunk(String type, byte[] data) throws IOException {
        out.write(encode(type, data));
    }

    private static byte[] encode(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(data);
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer checked = arena.allocate(4 + data.length).asByteBuffer();
            checked.put(chunk.array(), 4, 4 + data.length);
            var crc = new CRC32();
            crc.update(checked.flip());
            return chunk.putInt((int) crc.getValue()).array();
        }
    }

    private byte[] compress(Picture picture) {
        byte[] filtered = filter(format.bytes(picture));
        try (Arena arena = Arena.ofConfined();
                Deflater deflater = new Deflater(6)) {
            MemorySegment rows = arena.allocate(filtered.length);
            MemorySegment.copy(filtered, 0, rows, JAVA_BYTE, 0, filtered.length);
            deflater.setInput(rows.asByteBuffer());
            deflater.finish();
            var bytes = new ByteArrayOutputStream(filtered.length / 2);
            ByteBuffer buffer = arena.allocate(1 << 15).asByteBuffer();
            byte[] part = new byte[buffer.capacity()];
            while (!deflater.finished()) {
                deflater.deflate(buffer.clear());
                int size = buffer.flip().remaining();
                buffer.get(part, 0, size);
                bytes.write(part, 0, size);
            }
            return bytes.toByteArray();
        }
    }

    /** Filters each row with the filter whose residuals have the smallest sum, as the specification advises. */
    private byte[] filter(byte[] pixels) {
        int pixel = format.bytesPerPixel(), stride = pixel * width;
        byte[] rows = new byte[height * (1 + stride)];
        byte[] above = new byte[stride];
        byte[] row = new byte[stride];
        byte[][] filtered = new byte[5][stride];
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels, y * stride, row, 0, stride);
            int best = 0;
            long least = Long.MAX_VALUE;
            for (int type = 0; type < 5; type++) {
                long cost = residuals(type, pixel, row, above, filtered[type]);
                if (cost < least) {
                    least = cost;
                    best = type;
                }
            }
            rows[y * (1 + stride)] = (byte) best;
            System.arraycopy(filtered[best], 0, rows, y * (1 + stride) + 1, stride);
            byte[] spare = above;
            above = row;
            row = spare;
        }
        return rows;
    }

    private static long residuals(int type, int pixel, byte[] row, byte[] above, byte[] residual) {
        long sum = 0;
        for (int i = 0; i < row.length; i++) {
            int left = i < pixel ? 0 : row[i - pixel] & 255;
            int up = above[i] & 255;
            int prediction = switch (type) {
                case 0 -> 0;
                case 1 -> left;
                case 2 -> up;
                case 3 -> (left + up) / 2;
                default -> paeth(left, up, i < pixel ? 0 : above[i - pixel] & 255);
            };
            residual[i] = (byte) (row[i] - prediction);
            sum += Math.abs(residual[i]);
        }
        return sum;
    }

    private static int paeth(int left, int up, int upLeft) {
        int toLeft = Math.abs(up - upLeft);
        int toUp = Math.abs(left - upLeft);
        int toUpLeft = Math.abs(left + up - 2 * upLeft);
        if (toLeft <= toUp && toLeft <= toUpLeft) return left;
        return toUp <= toUpLeft ? up : upLeft;
    }
}
