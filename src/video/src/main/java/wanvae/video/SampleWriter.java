package wanvae.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.picture.Background;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Quantization;

/**
 * Writes the raw sample of a whole batch as one float32 tensor, {@code [B][3][F][H][W]}, or {@code [B][4][F][H][W]}
 * with alpha, nominally in [-1, 1], to a {@code .npy} or {@code .safetensors} file. Every frame is written to its place
 * as it comes, so memory holds one frame at most.
 */
public final class SampleWriter implements PictureSink {
    private final Path target;
    private final Format format;
    private final IfExists ifExists;
    private final CallOrder order = new CallOrder();
    private VideoShape shape;
    private PendingFile file;
    private long start;
    private ByteBuffer plane;

    private enum Format {
        NPY {
            @Override
            byte[] header(String shape, long bytes) {
                String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
                // Magic, version and length take 10 bytes; data starts at a multiple of 64 behind spaces and a newline.
                String padded = dictionary + " ".repeat(63 - (10 + dictionary.length()) % 64) + "\n";
                return ByteBuffer.allocate(10 + padded.length())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put((byte) 0x93)
                        .put(ascii("NUMPY"))
                        .put((byte) 1)
                        .put((byte) 0)
                        .putShort((short) padded.length())
                        .put(ascii(padded))
                        .array();
            }
        },
        SAFETENSORS {
            @Override
            byte[] header(String shape, long bytes) {
                String json =
                        "{\"sample\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[0," + bytes + "]}}";
                String padded = json + " ".repeat(Math.floorMod(-json.length(), 8));
                return ByteBuffer.allocate(8 + padded.length())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(padded.length())
                        .put(ascii(padded))
                        .array();
            }
        };

        abstract byte[] header(String shape, long bytes);

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }

    private SampleWriter(Path target, Format format, IfExists ifExists) throws IOException {
        Target.checkFile(target, ifExists);
        this.target = target;
        this.format = format;
        this.ifExists = ifExists;
    }

    /**
     * A writer of NumPy's format.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static SampleWriter npy(Path target, IfExists ifExists) throws IOException {
        return new SampleWriter(target, Format.NPY, ifExists);
    }

    /**
     * A writer of safetensors with one tensor, {@code sample}.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static SampleWriter safetensors(Path target, IfExists ifExists) throws IOException {
        return new SampleWriter(target, Format.SAFETENSORS, ifExists);
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        order.begin();
        Target.checkShape(target, shape);
        Target.checkFile(target, ifExists);
        if (shape.frames() == VideoShape.UNKNOWN)
            throw new IOException(
                    "cannot write " + target + " from a stream: a raw sample begins with the number of frames");
        this.shape = shape;
        byte[] header;
        try {
            long bytes = Math.multiplyExact(
                    4L * shape.channels() * shape.members() * shape.frames(), (long) shape.height() * shape.width());
            header = format.header(
                    "%d, %d, %d, %d, %d"
                            .formatted(
                                    shape.members(), shape.channels(), shape.frames(), shape.height(), shape.width()),
                    bytes);
            long free = Files.getFileStore(target.toAbsolutePath().getParent()).getUsableSpace();
            if (bytes > free) throw new IOException("it needs " + bytes + " bytes and the disk has " + free);
            plane = ByteBuffer.allocate(Math.multiplyExact(4, Math.multiplyExact(shape.height(), shape.width())))
                    .order(ByteOrder.LITTLE_ENDIAN);
            file = PendingFile.create(target, Target.existing(ifExists));
            start = header.length;
            writeFully(ByteBuffer.wrap(header), 0);
        } catch (ArithmeticException e) {
            throw new IOException("cannot write " + target + ": " + shape + " is too large", e);
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        order.picture();
        int channels = shape.channels();
        Frame frame = (channels == 4 ? withAlpha(picture) : picture.over(Background.BLACK)).toFrame();
        float[] row = new float[channels * shape.width()];
        try {
            for (int channel = 0; channel < channels; channel++) {
                plane.clear();
                for (int y = 0; y < shape.height(); y++) {
                    frame.row(y, row);
                    for (int x = channel; x < row.length; x += channels) plane.putFloat(row[x]);
                }
                writeFully(
                        plane.flip(),
                        start + ((long) (member * channels + channel) * shape.frames() + index) * plane.capacity());
            }
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    private static Picture withAlpha(Picture picture) {
        return picture.hasAlpha() ? picture : picture.toRgba(Quantization.ROUND);
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        FileChannel channel = file.channel();
        while (bytes.hasRemaining()) position += channel.write(bytes, position);
    }

    @Override
    public void finish() throws IOException {
        order.finish();
        try {
            file.commit();
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    @Override
    public void close() throws IOException {
        order.close();
        if (file != null) file.close();
    }
}
