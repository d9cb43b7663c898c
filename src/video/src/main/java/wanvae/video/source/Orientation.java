package wanvae.video.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.video.picture.Rgb;

/**
 * How a camera was held, according to EXIF's Orientation in a JPEG. diffusers' {@code load_image} also turns pictures
 * by it.
 *
 * @param number 1 to 8; 1 is upright
 */
record Orientation(int number) {
    private static final Orientation UPRIGHT = new Orientation(1);
    /** How many bytes are searched: EXIF is one of the first segments, and a segment is no larger than 64 KB. */
    private static final int LOOKED_AT = 1 << 17;

    private static final int START_OF_SCAN = 0xda, APP1 = 0xe1;
    private static final int TAG = 0x0112, SHORT = 3;

    /** The orientation of a JPEG; upright if the file has no valid one. */
    static Orientation of(Path jpeg) throws IOException {
        try (InputStream in = Files.newInputStream(jpeg)) {
            return of(ByteBuffer.wrap(in.readNBytes(LOOKED_AT)));
        }
    }

    private static Orientation of(ByteBuffer bytes) {
        for (int at = 2; at + 4 <= bytes.limit() && (bytes.get(at) & 255) == 0xff; ) {
            int marker = bytes.get(at + 1) & 255, length = bytes.getShort(at + 2) & 0xffff;
            if (marker == START_OF_SCAN || length < 2 || at + 2 + length > bytes.limit()) break;
            if (marker == APP1 && length > 16) {
                ByteBuffer segment = bytes.slice(at + 4, length - 2);
                if (begins(segment, "Exif\0\0")) return ofTiff(segment.slice(6, segment.limit() - 6));
            }
            at += 2 + length;
        }
        return UPRIGHT;
    }

    private static boolean begins(ByteBuffer bytes, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        return bytes.limit() > wanted.length && bytes.slice(0, wanted.length).equals(ByteBuffer.wrap(wanted));
    }

    /** The first directory of a TIFF. */
    private static Orientation ofTiff(ByteBuffer tiff) {
        if (begins(tiff, "II*\0")) tiff.order(ByteOrder.LITTLE_ENDIAN);
        else if (!begins(tiff, "MM\0*")) return UPRIGHT;
        if (tiff.limit() < 8) return UPRIGHT;
        int directory = tiff.getInt(4);
        if (directory < 8 || directory > tiff.limit() - 2) return UPRIGHT;
        int entries = tiff.getShort(directory) & 0xffff;
        for (int i = 0, at = directory + 2; i < entries && at + 12 <= tiff.limit(); i++, at += 12)
            if ((tiff.getShort(at) & 0xffff) == TAG && tiff.getShort(at + 2) == SHORT) {
                int number = tiff.getShort(at + 8);
                return number >= 1 && number <= 8 ? new Orientation(number) : UPRIGHT;
            }
        return UPRIGHT;
    }

    boolean isUpright() {
        return number == 1;
    }

    /** The picture turned upright. */
    Rgb upright(Rgb picture) {
        if (isUpright()) return picture;
        int height = picture.height(), width = picture.width();
        boolean turned = number >= 5;
        boolean flippedX = number == 2 || number == 3 || number == 7 || number == 8;
        boolean flippedY = number == 3 || number == 4 || number == 6 || number == 7;
        byte[] from = picture.bytes(), to = new byte[from.length];
        int rows = turned ? width : height, columns = turned ? height : width;
        for (int y = 0, at = 0; y < rows; y++)
            for (int x = 0; x < columns; x++, at += 3) {
                int column = turned ? y : x, row = turned ? x : y;
                if (flippedX) column = width - 1 - column;
                if (flippedY) row = height - 1 - row;
                System.arraycopy(from, 3 * (row * width + column), to, at, 3);
            }
        return new Rgb(rows, columns, to);
    }
}
