package wanvae.video.source;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jcodec.codecs.h264.H264Decoder;
import org.jcodec.common.logging.Logger;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Picture;
import wanvae.tensorfile.FormatException;

/**
 * Decodes H.264 as MP4 files hold it, 8-bit 4:2:0 and progressive, by jcodec's decoder. Damaged streams end in a {@link
 * FormatException}. It starts no threads, and is not safe for use by several threads at once.
 */
final class AvcDecoder {
    static {
        try {
            // jcodec writes warnings to standard output unless its log has a sink.
            Logger.addSink(message -> {});
        } catch (IllegalStateException e) {
            // The application has already used jcodec's log, which then accepts no other sink.
        }
    }

    /**
     * Noise that follows each slice, without the zeros that escapes have. Behind the end of a slice jcodec reads zeros, and
     * in a damaged one they may stand for a number that never ends. In noise every number ends soon, and so does the slice
     * or the picture.
     */
    private static final byte[] NOISE = noise();

    /** The least noise behind each of many slices. */
    private static final int LEAST_NOISE = 1024;

    /** The 8-bit planes of a picture: a Y' for each pixel, a Cb and a Cr for two by two pixels. */
    record Planes(byte[] y, byte[] u, byte[] v) {}

    private final String name;
    private final int lengthBytes;
    private final List<byte[]> parameterSets = new ArrayList<>();
    private final AvcHeaders headers = new AvcHeaders();
    private final AvcHeaders.Sequence sequence;
    private final H264Decoder decoder = new H264Decoder();
    private final byte[][] buffer;
    private boolean begun;

    /**
     * Reads a decoder configuration record (ISO/IEC 14496-15).
     *
     * @param name what messages call the file
     * @throws FormatException in one sentence, if it is damaged or the stream is of a kind that cannot be decoded
     */
    AvcDecoder(String name, byte[] avcC) throws FormatException {
        this.name = name;
        withoutThreads(decoder);
        AvcHeaders.Sequence first = null;
        try {
            ByteBuffer record = ByteBuffer.wrap(avcC);
            lengthBytes = (record.get(4) & 3) + 1;
            record.position(5);
            for (int kind = 0; kind < 2; kind++)
                for (int i = record.get() & (kind == 0 ? 31 : 255); i > 0; i--) {
                    byte[] unit = new byte[record.getShort() & 0xffff];
                    record.get(unit);
                    parameterSets.add(unit);
                    if (type(unit) == AvcHeaders.SPS && first == null) first = headers.sequence(unit);
                }
        } catch (RuntimeException e) {
            throw new FormatException(name + ": its H.264 configuration is damaged", e);
        }
        if (first == null) throw new FormatException(name + ": its H.264 configuration is empty");
        if (first.kind() != null)
            throw new FormatException(name + " is H.264 with " + first.kind()
                    + ", and only 8-bit progressive 4:2:0 is decoded; " + MovieSource.pipe(name));
        if ((long) first.codedWidth() * first.codedHeight() > PictureSource.MOST_PIXELS)
            throw new FormatException(name + ": pictures of " + first.width() + "x" + first.height()
                    + ", expected at most " + PictureSource.MOST_PIXELS + " pixels");
        sequence = first;
        buffer = Picture.create(sequence.codedWidth(), sequence.codedHeight(), ColorSpace.YUV420)
                .getData();
    }

    /** Removes jcodec's threads, which nothing would ever end. jcodec then decodes slices on the calling thread. */
    private static void withoutThreads(H264Decoder decoder) {
        try {
            Field threaded = H264Decoder.class.getDeclaredField("threaded");
            threaded.setAccessible(true);
            threaded.setBoolean(decoder, false);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("this is not the jcodec that wanvae was built with", e);
        }
    }

    private static byte[] noise() {
        byte[] noise = new byte[1 << 18];
        Random random = new Random(1);
        for (int i = 0; i < noise.length; i++) noise[i] = (byte) random.nextInt(1, 256);
        return noise;
    }

    private static ByteBuffer withNoise(byte[] slice, int slices) {
        int length = Math.max(LEAST_NOISE, NOISE.length / slices);
        byte[] longer = Arrays.copyOf(slice, slice.length + length);
        System.arraycopy(NOISE, 0, longer, slice.length, length);
        return ByteBuffer.wrap(longer);
    }

    private static boolean isSlice(byte[] unit) {
        return type(unit) == 1 || type(unit) == AvcHeaders.IDR;
    }

    private static int type(byte[] unit) {
        return unit.length == 0 ? 0 : unit[0] & 31;
    }

    /** The first sequence parameter set. */
    AvcHeaders.Sequence sequence() {
        return sequence;
    }

    /**
     * Decodes a sample.
     *
     * @param number of the sample, for messages
     * @throws FormatException if it is damaged, or holds no picture
     */
    Planes decode(byte[] sample, int number) throws FormatException {
        try {
            List<byte[]> units = new ArrayList<>();
            if (!begun) for (byte[] set : parameterSets) add(set, number, units);
            begun = true;
            ByteBuffer bytes = ByteBuffer.wrap(sample);
            while (bytes.remaining() > lengthBytes) {
                int length = 0;
                for (int i = 0; i < lengthBytes; i++) length = length << 8 | bytes.get() & 255;
                if (length < 0 || length > bytes.remaining()) throw new IllegalArgumentException("a unit is cut");
                byte[] unit = new byte[length];
                bytes.get(unit);
                add(unit, number, units);
            }
            int slices = (int) units.stream().filter(AvcDecoder::isSlice).count();
            return planes(decoder.decodeFrameFromNals(
                    units.stream()
                            .map(unit -> isSlice(unit) ? withNoise(unit, slices) : ByteBuffer.wrap(unit))
                            .toList(),
                    buffer));
        } catch (RuntimeException | StackOverflowError e) {
            throw new FormatException(
                    name + ": frame " + number + " cannot be decoded: it is damaged, or of a kind of H.264 that is not "
                            + "known here; " + MovieSource.pipe(name),
                    e);
        }
    }

    /**
     * Adds a unit to those that jcodec gets, if jcodec needs it.
     *
     * @throws FormatException if jcodec would decode it to wrong pictures, as comparisons with ffmpeg have shown
     */
    private void add(byte[] unit, int number, List<byte[]> units) throws FormatException {
        int type = type(unit);
        String kind = null;
        if (type == AvcHeaders.SPS && !sameSize(headers.sequence(unit)))
            kind = "pictures that change their size or kind";
        if (type == AvcHeaders.PPS) headers.picture(unit);
        if (isSlice(unit)) kind = headers.slice(unit);
        if (type >= 2 && type <= 4) kind = "data partitions";
        if (kind != null)
            throw new FormatException(name + ": frame " + number + " is H.264 with " + kind
                    + ", which is not decoded here; " + MovieSource.pipe(name));
        if (isSlice(unit) || type == AvcHeaders.SPS || type == AvcHeaders.PPS) units.add(unit);
    }

    private boolean sameSize(AvcHeaders.Sequence other) {
        return other.kind() == null
                && other.codedWidth() == sequence.codedWidth()
                && other.codedHeight() == sequence.codedHeight()
                && other.width() == sequence.width()
                && other.height() == sequence.height();
    }

    /** The visible part of a picture. */
    private Planes planes(Picture picture) {
        int left = sequence.left(), top = sequence.top(), stride = sequence.codedWidth();
        int width = sequence.width(), height = sequence.height();
        return new Planes(
                plane(picture.getPlaneData(0), stride, left, top, width, height),
                plane(picture.getPlaneData(1), stride / 2, left / 2, top / 2, (width + 1) / 2, (height + 1) / 2),
                plane(picture.getPlaneData(2), stride / 2, left / 2, top / 2, (width + 1) / 2, (height + 1) / 2));
    }

    /** Copies a plane and adds the 128 that jcodec subtracts from samples. */
    private static byte[] plane(byte[] data, int stride, int x, int y, int width, int height) {
        byte[] plane = new byte[width * height];
        for (int row = 0, at = 0; row < height; row++)
            for (int i = (y + row) * stride + x, end = i + width; i < end; i++) plane[at++] = (byte) (data[i] + 128);
        return plane;
    }
}
