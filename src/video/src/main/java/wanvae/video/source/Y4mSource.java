package wanvae.video.source;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PixelAspect;
import wanvae.video.picture.Yuv;

/**
 * Reads 8-bit YUV4MPEG2 as 4:2:0 pictures. 4:2:0 in limited range stays as it is, the chroma of 4:2:2 and 4:4:4 is
 * averaged, and full range is scaled to limited.
 */
final class Y4mSource implements PictureSource {
    private static final int LONGEST_LINE = 1024;
    private static final byte[] FULL_LUMA = new byte[256];
    private static final byte[] FULL_CHROMA = new byte[256];

    static {
        for (int i = 0; i < 256; i++) {
            FULL_LUMA[i] = (byte) Math.round(16 + i * 219 / 255.0);
            FULL_CHROMA[i] = (byte) Math.round(128 + (i - 128) * 224 / 255.0);
        }
    }

    /** The chroma planes of a file: the columns and rows of pixels that share a sample; 0 without chroma. */
    private enum Sampling {
        C420(2, 2),
        C422(2, 1),
        C444(1, 1),
        MONO(0, 0);

        private final int columns;
        private final int rows;

        Sampling(int columns, int rows) {
            this.columns = columns;
            this.rows = rows;
        }
    }

    private final String name;
    private final InputStream in;
    private final boolean owned;
    private final ColorMatrix matrix;
    private final int height;
    private final int width;
    private final Fps fps;
    private final PixelAspect pixelAspect;
    private final Sampling sampling;
    private final boolean full;
    private final int frames;
    private int read;

    static Y4mSource open(Path file, Color color) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return new Y4mSource(
                    file.toString(),
                    in,
                    true,
                    Files.isRegularFile(file) ? Files.size(file) : VideoShape.UNKNOWN,
                    color);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /**
     * @param owned whether closing this closes the stream
     * @param size  of the whole file, or {@link VideoShape#UNKNOWN}
     */
    Y4mSource(String name, InputStream in, boolean owned, long size, Color color) throws IOException {
        this.name = name;
        this.in = in;
        this.owned = owned;
        String header = line();
        if (header == null || !header.startsWith("YUV4MPEG2 "))
            throw new FormatException(name + " is no Y4M: it does not begin with YUV4MPEG2");
        int height = 0;
        int width = 0;
        Fps fps = null;
        PixelAspect pixelAspect = PixelAspect.SQUARE;
        String colors = "420jpeg";
        boolean full = false;
        try {
            for (String field : header.substring(10).strip().split(" +")) {
                String value = field.isEmpty() ? "" : field.substring(1);
                switch (field.isEmpty() ? ' ' : field.charAt(0)) {
                    case 'W' -> width = Integer.parseInt(value);
                    case 'H' -> height = Integer.parseInt(value);
                    case 'F' -> fps = value.equals("0:0") ? null : Fps.parse(value.replace(':', '/'));
                    case 'A' -> pixelAspect = pixelAspect(value);
                    case 'I' -> requireProgressive(value);
                    case 'C' -> colors = value;
                    case 'X' -> full |= value.equals("COLORRANGE=FULL");
                    default -> {}
                }
            }
        } catch (IllegalArgumentException e) {
            throw new FormatException(name + ": unreadable Y4M header " + FormatException.quote(header), e);
        }
        if (height < 1 || width < 1 || (long) height * width > PictureSource.MOST_PIXELS)
            throw new FormatException(name + ": a Y4M of " + width + "x" + height + ", expected 1 to "
                    + PictureSource.MOST_PIXELS + " pixels");
        this.height = height;
        this.width = width;
        this.fps = fps;
        this.pixelAspect = pixelAspect;
        this.full = full;
        this.matrix = color.matrix(height);
        this.sampling = switch (colors) {
            case "420", "420jpeg", "420mpeg2", "420paldv" -> Sampling.C420;
            case "422" -> Sampling.C422;
            case "444" -> Sampling.C444;
            case "mono" -> Sampling.MONO;
            default ->
                throw new FormatException(name + ": Y4M of the kind C" + FormatException.quote(colors)
                        + ", expected 8-bit C420, C420jpeg, C420mpeg2, C420paldv, C422, C444 or Cmono");
        };
        long body = size - header.length() - 1;
        long frame = "FRAME\n".length() + (long) height * width + 2L * chromaHeight() * chromaWidth();
        // Frames may have parameters of their own, and then their number is only known at the end.
        frames = body >= 0 && body % frame == 0 ? (int) Math.min(Integer.MAX_VALUE, body / frame) : VideoShape.UNKNOWN;
    }

    /** {@code 0:0} stands for an aspect that is not known. */
    private static PixelAspect pixelAspect(String value) {
        String[] parts = value.split(":");
        if (parts.length != 2) throw new IllegalArgumentException("a pixel aspect has two parts, unlike " + value);
        int width = Integer.parseInt(parts[0]);
        int height = Integer.parseInt(parts[1]);
        return width == 0 || height == 0 ? PixelAspect.SQUARE : new PixelAspect(width, height);
    }

    private void requireProgressive(String value) throws FormatException {
        if (!value.equals("p") && !value.equals("?"))
            throw new FormatException(
                    name + ": interlaced Y4M (I" + FormatException.quote(value) + "), expected progressive");
    }

    private int chromaHeight() {
        return sampling == Sampling.MONO ? 0 : Math.ceilDiv(height, sampling.rows);
    }

    private int chromaWidth() {
        return sampling == Sampling.MONO ? 0 : Math.ceilDiv(width, sampling.columns);
    }

    @Override
    public VideoShape shape() {
        return new VideoShape(1, frames, height, width);
    }

    @Override
    public Optional<Fps> fps() {
        return Optional.ofNullable(fps);
    }

    @Override
    public PixelAspect pixelAspect() {
        return pixelAspect;
    }

    @Override
    public Optional<Picture> next() throws IOException {
        String line = line();
        if (line == null) return Optional.empty();
        if (!line.equals("FRAME") && !line.startsWith("FRAME "))
            throw new FormatException(name + ": no FRAME where frame " + read + " should begin");
        byte[] y = plane(height * width, FULL_LUMA);
        byte[] u = halve(plane(chromaHeight() * chromaWidth(), FULL_CHROMA));
        byte[] v = halve(plane(chromaHeight() * chromaWidth(), FULL_CHROMA));
        read++;
        return Optional.of(new Yuv(height, width, matrix, Chroma.YUV420, y, u, v));
    }

    /** A line without its newline; null at the end of the file. */
    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) != '\n'; ) {
            if (b < 0 && line.size() == 0) return null;
            if (b < 0 || line.size() == LONGEST_LINE)
                throw new FormatException(name + ": no end of line where a Y4M header should end");
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private byte[] plane(int bytes, byte[] toLimited) throws IOException {
        byte[] plane = in.readNBytes(bytes);
        if (plane.length < bytes) throw new FormatException(name + ": frame " + read + " ends too early");
        if (full) for (int i = 0; i < bytes; i++) plane[i] = toLimited[plane[i] & 255];
        return plane;
    }

    /** The 4:2:0 plane made from a chroma plane of the file. */
    private byte[] halve(byte[] plane) {
        int rows = (height + 1) / 2;
        int columns = (width + 1) / 2;
        if (sampling == Sampling.C420) return plane;
        byte[] half = new byte[rows * columns];
        if (sampling == Sampling.MONO) {
            java.util.Arrays.fill(half, (byte) 128);
            return half;
        }
        int stride = chromaWidth();
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++) {
                int top = 2 * y * stride;
                int bottom = Math.min(2 * y + 1, height - 1) * stride;
                int left = sampling == Sampling.C444 ? 2 * x : x;
                int right = sampling == Sampling.C444 ? Math.min(2 * x + 1, width - 1) : x;
                int sum = (plane[top + left] & 255)
                        + (plane[top + right] & 255)
                        + (plane[bottom + left] & 255)
                        + (plane[bottom + right] & 255);
                half[y * columns + x] = (byte) (sum + 2 >> 2);
            }
        return half;
    }

    @Override
    public void close() throws IOException {
        if (owned) in.close();
    }
}
