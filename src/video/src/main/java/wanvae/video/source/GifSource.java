package wanvae.video.source;

import java.awt.AlphaComposite;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;

/**
 * Reads the frames of a GIF as a browser shows them: each is painted over what the earlier ones left, on a black
 * background.
 */
final class GifSource implements PictureSource {
    private static final String STREAM = "javax_imageio_gif_stream_1.0", IMAGE = "javax_imageio_gif_image_1.0";

    private final Path file;
    private final ImageInputStream in;
    private final ImageReader reader;
    private final VideoShape shape;
    private final BufferedImage canvas;
    private final Optional<Fps> fps;
    private int next;
    private boolean closed;

    private GifSource(Path file, ImageInputStream in, ImageReader reader) throws IOException {
        this.file = file;
        this.in = in;
        this.reader = reader;
        if (!reader.getOriginatingProvider().canDecodeInput(in)) throw new FormatException(file + " is no GIF");
        reader.setInput(in, false, false);
        IIOMetadata stream = reader.getStreamMetadata();
        int width = number(stream, STREAM, "LogicalScreenDescriptor", "logicalScreenWidth"),
                height = number(stream, STREAM, "LogicalScreenDescriptor", "logicalScreenHeight");
        if (height < 1 || width < 1 || (long) height * width > PictureSource.MOST_PIXELS)
            throw new FormatException(file + ": pictures of " + width + "x" + height + ", expected 1 to "
                    + PictureSource.MOST_PIXELS + " pixels");
        int frames = reader.getNumImages(true);
        if (frames < 1) throw new FormatException(file + " has no frames");
        shape = new VideoShape(1, frames, height, width);
        canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        fps = rate(frames);
    }

    static GifSource open(Path file) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        ImageInputStream in = new FileImageInputStream(file.toFile());
        try {
            return new GifSource(file, in, reader);
        } catch (IOException | RuntimeException e) {
            reader.dispose();
            in.close();
            throw unreadable(file, e);
        }
    }

    private static FormatException unreadable(Path file, Exception e) {
        if (e instanceof FormatException format) return format;
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new FormatException(file + " is no readable GIF: " + reason, e);
    }

    private static String text(IIOMetadata metadata, String format, String element, String attribute) {
        NodeList found = ((Element) metadata.getAsTree(format)).getElementsByTagName(element);
        return found.getLength() == 0 ? "" : ((Element) found.item(0)).getAttribute(attribute);
    }

    private static int number(IIOMetadata metadata, String format, String element, String attribute) {
        String text = text(metadata, format, element, attribute);
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    /**
     * The mean frame rate, from the sum of all delays in hundredths of a second. If all delays are 0 there is none,
     * because every player replaces them by another value.
     */
    private Optional<Fps> rate(int frames) throws IOException {
        int hundredths = 0;
        for (int i = 0; i < frames; i++)
            hundredths += number(reader.getImageMetadata(i), IMAGE, "GraphicControlExtension", "delayTime");
        return hundredths < 1 ? Optional.empty() : Optional.of(new Fps(100 * frames, hundredths));
    }

    @Override
    public VideoShape shape() {
        return shape;
    }

    @Override
    public Optional<Fps> fps() {
        return fps;
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public Optional<Picture> next() throws IOException {
        if (next == shape.frames()) return Optional.empty();
        try {
            BufferedImage frame = reader.read(next);
            IIOMetadata metadata = reader.getImageMetadata(next++);
            int left = number(metadata, IMAGE, "ImageDescriptor", "imageLeftPosition"),
                    top = number(metadata, IMAGE, "ImageDescriptor", "imageTopPosition");
            String disposal = text(metadata, IMAGE, "GraphicControlExtension", "disposalMethod");
            BufferedImage before = disposal.equals("restoreToPrevious") ? copy() : null;
            Graphics2D graphics = canvas.createGraphics();
            graphics.drawImage(frame, left, top, null);
            Picture picture = Picture.of(copy());
            graphics.setComposite(AlphaComposite.Src);
            if (before != null) graphics.drawImage(before, 0, 0, null);
            if (disposal.equals("restoreToBackgroundColor"))
                graphics.clearRect(left, top, frame.getWidth(), frame.getHeight());
            graphics.dispose();
            return Optional.of(picture);
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, e);
        }
    }

    private BufferedImage copy() {
        BufferedImage copy = new BufferedImage(canvas.getWidth(), canvas.getHeight(), canvas.getType());
        canvas.copyData(copy.getRaster());
        return copy;
    }

    @Override
    public void close() throws IOException {
        if (closed) return; // the stream does not close twice
        closed = true;
        reader.dispose();
        in.close();
    }
}
