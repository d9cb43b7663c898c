package wanvae.video;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.image.Palette;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;

/**
 * Writes an animated GIF that loops endlessly, with one palette of 255 colours for the whole clip and dithering. A
 * pixel that stays the same is left out. Frames wait in a nameless temporary file beside the target until all colours
 * are known. Delays are hundredths of a second, rounded so that the clip as a whole keeps its length. Players replace a
 * delay of less than two hundredths by ten, so above 50 frames a second some frames are left out, evenly.
 */
public final class GifWriter extends ClipWriter {
    private static final String METADATA = "javax_imageio_gif_image_1.0";
    /** The most frames a second that players show at the right speed. */
    private static final int MOST_A_SECOND = 50;

    private final Fps fps;

    private GifWriter(Path target, Fps fps, IfExists ifExists) throws IOException {
        super(target, ifExists);
        this.fps = fps;
    }

    /**
     * A writer of {@code target}, or of numbered files where there are several members.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static GifWriter create(Path target, Fps fps, IfExists ifExists) throws IOException {
        return new GifWriter(target, fps, ifExists);
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        if (Math.max(shape.height(), shape.width()) > 65535)
            throw new IOException("a GIF has at most 65535 rows and columns");
        return new Gif(file, shape, fps, warnings);
    }

    private static final class Gif implements Clip {
        private final PendingFile file;
        private final VideoShape shape;
        private final Fps fps;
        private final List<String> warnings;
        private final FileChannel waiting;
        private final Palette.Histogram histogram = new Palette.Histogram();
        /** The number of frames that came, and of those that are shown. */
        private int come, frames;

        Gif(PendingFile file, VideoShape shape, Fps fps, List<String> warnings) throws IOException {
            this.file = file;
            this.shape = shape;
            this.fps = fps;
            this.warnings = warnings;
            this.waiting = PendingFile.scratch(file.target());
        }

        @Override
        public void picture(Picture picture) throws IOException {
            if (come++ < nextShown()) return;
            Rgb rgb = picture.toRgb(Quantization.TRUNCATE);
            histogram.add(rgb);
            ByteBuffer bytes = ByteBuffer.wrap(rgb.bytes());
            while (bytes.hasRemaining()) waiting.write(bytes);
            frames++;
        }

        private boolean isTooFast() {
            return fps.numerator() > (long) MOST_A_SECOND * fps.denominator();
        }

        /** The index, among the frames that come, of the next one to show. */
        private long nextShown() {
            return isTooFast() ? (long) frames * fps.numerator() / ((long) MOST_A_SECOND * fps.denominator()) : frames;
        }

        @Override
        public void finish() throws IOException {
            if (frames < come)
                warnings.add("players show a GIF at no more than " + MOST_A_SECOND + " frames a second; without "
                        + (come - frames) + " of " + come + " frames, left out evenly, it keeps its length");
            Palette palette = histogram.palette();
            ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
            try (var out = new MemoryCacheImageOutputStream(file.stream())) {
                writer.setOutput(out);
                writer.prepareWriteSequence(null);
                Rgb rgb = new Rgb(shape.height(), shape.width(), new byte[3 * shape.height() * shape.width()]);
                byte[] shown = null;
                waiting.position(0);
                for (int i = 0; i < frames; i++) {
                    ByteBuffer bytes = ByteBuffer.wrap(rgb.bytes());
                    while (bytes.hasRemaining())
                        if (waiting.read(bytes) < 0)
                            throw new EOFException("the temporary file of its frames was cut short");
                    byte[] indices = palette.dither(rgb);
                    BufferedImage image =
                            image(palette.colorModel(), shown == null ? indices : changes(shown, indices));
                    shown = indices;
                    writer.writeToSequence(new IIOImage(image, null, metadata(writer, image, i)), null);
                    // The stream buffers everything that it may have to seek back to; nothing before here will be
                    // needed.
                    out.flushBefore(out.getStreamPosition());
                }
                writer.endWriteSequence();
            } finally {
                writer.dispose();
            }
        }

        private static byte[] changes(byte[] before, byte[] after) {
            byte[] changes = after.clone();
            for (int i = 0; i < changes.length; i++) if (before[i] == after[i]) changes[i] = (byte) Palette.UNCHANGED;
            return changes;
        }

        private BufferedImage image(IndexColorModel colors, byte[] indices) {
            var raster = Raster.createInterleavedRaster(
                    new DataBufferByte(indices, indices.length),
                    shape.width(),
                    shape.height(),
                    shape.width(),
                    1,
                    new int[] {0},
                    null);
            return new BufferedImage(colors, raster, false, null);
        }

        private IIOMetadata metadata(ImageWriter writer, BufferedImage image, int index) throws IOException {
            IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
            var root = (IIOMetadataNode) metadata.getAsTree(METADATA);
            var control = new IIOMetadataNode("GraphicControlExtension");
            control.setAttribute("disposalMethod", "doNotDispose");
            control.setAttribute("userInputFlag", "FALSE");
            control.setAttribute("transparentColorFlag", "TRUE");
            control.setAttribute("delayTime", Long.toString(Math.min(65535, time(index + 1) - time(index))));
            control.setAttribute("transparentColorIndex", Integer.toString(Palette.UNCHANGED));
            root.appendChild(control);
            if (index == 0) {
                var loop = new IIOMetadataNode("ApplicationExtension");
                loop.setAttribute("applicationID", "NETSCAPE");
                loop.setAttribute("authenticationCode", "2.0");
                loop.setUserObject(new byte[] {1, 0, 0});
                var extensions = new IIOMetadataNode("ApplicationExtensions");
                extensions.appendChild(loop);
                root.appendChild(extensions);
            }
            metadata.setFromTree(METADATA, root);
            return metadata;
        }

        /** When frame {@code index} begins, in hundredths of a second. */
        private long time(int index) {
            return isTooFast() ? 2L * index : Math.round(100.0 * index / fps.value());
        }

        @Override
        public void close() throws IOException {
            waiting.close();
        }
    }
}
