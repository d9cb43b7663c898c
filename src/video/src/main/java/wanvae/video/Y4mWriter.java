package wanvae.video;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.PixelAspect;
import wanvae.video.picture.Yuv;

/**
 * Writes YUV4MPEG2, uncompressed 8-bit 4:2:0. The tag is {@code C420jpeg} because a 2x2 box puts chroma midway between
 * luma samples; despite its name it concerns only this position. {@code XCOLORRANGE=LIMITED} says that samples have
 * limited range.
 */
public final class Y4mWriter extends ClipWriter {
    private final Fps fps;
    private final Color color;
    private final PixelAspect pixelAspect;

    private Y4mWriter(Path target, Fps fps, Color color, PixelAspect pixelAspect, IfExists ifExists)
            throws IOException {
        super(target, ifExists);
        this.fps = fps;
        this.color = color;
        this.pixelAspect = pixelAspect;
    }

    /**
     * A writer of {@code target}, or of numbered files where there are several members.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static Y4mWriter create(Path target, Fps fps, Color color, PixelAspect pixelAspect, IfExists ifExists)
            throws IOException {
        return new Y4mWriter(target, fps, color, pixelAspect, ifExists);
    }

    /**
     * A sink that writes one video to a stream, such as standard output, as the frames come. It flushes the stream and
     * does not close it.
     */
    public static PictureSink to(OutputStream out, Fps fps, Color color, PixelAspect pixelAspect) {
        return new StreamSink(".y4m", (shape, warnings) -> new Stream(out, shape, fps, color, pixelAspect));
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        return new Stream(file.stream(), shape, fps, color, pixelAspect);
    }

    private static final class Stream implements Clip {
        private static final byte[] FRAME = "FRAME\n".getBytes(StandardCharsets.US_ASCII);
        private final OutputStream out;
        private final ColorMatrix matrix;

        Stream(OutputStream out, VideoShape shape, Fps fps, Color color, PixelAspect pixelAspect) throws IOException {
            this.out = out;
            this.matrix = color.matrix(shape.height());
            out.write("YUV4MPEG2 W%d H%d F%d:%d Ip A%s C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED\n"
                    .formatted(shape.width(), shape.height(), fps.numerator(), fps.denominator(), pixelAspect)
                    .getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void picture(Picture picture) throws IOException {
            Yuv yuv = picture.toYuv(matrix, Chroma.YUV420);
            out.write(FRAME);
            out.write(yuv.y());
            out.write(yuv.u());
            out.write(yuv.v());
        }

        @Override
        public void finish() throws IOException {
            out.flush();
        }
    }
}
