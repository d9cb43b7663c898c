package wanvae.video.source;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.image.NumberedNames;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Rgb;

/**
 * Reads PNGs and JPEGs of one size, one for each frame, in the order of their names, in which numbers count by value.
 * The format is recognised by content, not by name. A JPEG is turned upright according to its EXIF data.
 */
final class ImageSource implements PictureSource {
    private final List<Path> files;
    private final VideoShape shape;
    private final List<String> notes;
    private final Iterator<Path> rest;

    private ImageSource(List<Path> files, String name) throws IOException {
        this.files = files;
        notes = SequenceNames.of(files.stream()
                        .map(file -> file.getFileName().toString())
                        .toList())
                .notes(name);
        Picture first = read(files.getFirst());
        boolean alpha = first.hasAlpha();
        for (Path file : files) alpha = alpha || withReader(file, reader -> hasAlpha(reader));
        shape = new VideoShape(1, files.size(), first.height(), first.width(), alpha ? 4 : 3);
        rest = files.iterator();
    }

    /** Whether a file of this name is taken for an image. */
    static boolean isImage(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".png") || lower.endsWith(".jpg") || lower.endsWith(".jpeg");
    }

    static ImageSource file(Path file) throws IOException {
        return new ImageSource(List.of(file), file.toString());
    }

    static ImageSource folder(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> files = entries.filter(file -> {
                        String name = file.getFileName().toString();
                        return isImage(name) && !name.startsWith(".");
                    })
                    .sorted(Comparator.comparing(
                            (Path file) -> file.getFileName().toString(), ImageSource::compareNames))
                    .toList();
            if (files.isEmpty()) throw new FormatException(folder + " holds no .png or .jpg");
            return new ImageSource(files, folder.toString());
        }
    }

    static ImageSource pattern(Path pattern) throws IOException {
        Path folder = pattern.toAbsolutePath().getParent();
        List<Path> files = NumberedNames.of(pattern.getFileName().toString()).in(folder, 0).stream()
                .sorted(Comparator.comparing((Path file) -> file.getFileName().toString(), ImageSource::compareNames))
                .toList();
        if (files.isEmpty()) throw new FormatException("there are no files " + pattern);
        return new ImageSource(files, pattern.toString());
    }

    /** Compares names by characters, but runs of digits by value: frame-2 comes before frame-10. */
    static int compareNames(String a, String b) {
        String[] left = a.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        String[] right = b.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = Character.isDigit(left[i].charAt(0)) && Character.isDigit(right[i].charAt(0));
            int order =
                    numbers ? new BigInteger(left[i]).compareTo(new BigInteger(right[i])) : left[i].compareTo(right[i]);
            if (order != 0) return order;
        }
        return left.length != right.length ? Integer.compare(left.length, right.length) : a.compareTo(b);
    }

    @Override
    public VideoShape shape() {
        return shape;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public Optional<Picture> next() throws IOException {
        if (!rest.hasNext()) return Optional.empty();
        Path file = rest.next();
        Picture picture = read(file);
        if (picture.height() != shape.height() || picture.width() != shape.width())
            throw new FormatException(
                    file + " is " + picture.width() + "x" + picture.height() + ", expected " + shape.width() + "x"
                            + shape.height() + " like " + files.getFirst().getFileName());
        return Optional.of(picture);
    }

    private static Picture read(Path file) throws IOException {
        return withReader(file, reader -> {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > PictureSource.MOST_PIXELS)
                throw new FormatException(
                        file + " has " + pixels + " pixels, expected at most " + PictureSource.MOST_PIXELS);
            Picture picture = Picture.of(reader.read(0));
            return picture instanceof Rgb rgb && reader.getFormatName().equalsIgnoreCase("jpeg")
                    ? Orientation.of(file).upright(rgb)
                    : picture;
        });
    }

    private static boolean hasAlpha(ImageReader reader) throws IOException {
        ImageTypeSpecifier type = reader.getRawImageType(0);
        return type != null && type.getColorModel().hasAlpha();
    }

    private interface Reading<T> {
        T read(ImageReader reader) throws IOException;
    }

    private static <T> T withReader(Path file, Reading<T> reading) throws IOException {
        ImageReader reader = null;
        try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
            reader = reader(file, in);
            reader.setInput(in, true, true);
            return reading.read(reader);
        } catch (FormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new FormatException(file + " is no readable picture: " + reason, e);
        } finally {
            if (reader != null) reader.dispose();
        }
    }

    private static ImageReader reader(Path file, ImageInputStream in) throws IOException {
        for (String format : new String[] {"png", "jpeg"}) {
            ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
            if (reader.getOriginatingProvider().canDecodeInput(in)) return reader;
            reader.dispose();
        }
        throw new FormatException(file + " is neither a PNG nor a JPEG");
    }

    @Override
    public void close() {}
}
