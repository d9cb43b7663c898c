package wanvae.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jcodec.codecs.prores.ProresEncoder;
import org.jcodec.codecs.prores.ProresEncoder.Profile;
import org.jcodec.common.model.ColorSpace;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.container.MovieMuxer;
import wanvae.video.container.SampleDescription;
import wanvae.video.container.VideoTrack;
import wanvae.video.container.VideoTrack.Container;
import wanvae.video.picture.Background;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Quantization;

/**
 * Writes QuickTime with Apple ProRes 422 HQ, for editing: 10 bits, 4:2:2, every frame a key frame, by jcodec's encoder.
 * Float frames are rounded only once, to 10 bits. Frames with alpha become ProRes 4444.
 */
public final class ProResWriter extends ClipWriter {
    private final Mp4Options options;

    private ProResWriter(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        super(target, ifExists);
        this.options = options;
        Soundtrack.check(options, Container.MOV);
    }

    /**
     * A writer of {@code target}, or of numbered files where there are several members.
     *
     * @param options options, of which only frame rate, colour, pixel aspect, sound and metadata matter
     * @throws IOException in one sentence if that cannot be
     */
    public static ProResWriter create(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        return new ProResWriter(target, options, ifExists);
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        if (Math.max(shape.height(), shape.width()) > 8192)
            throw new IOException(
                    "ProRes here goes up to 8192x8192 pixels and this is " + shape.width() + "x" + shape.height());
        return shape.channels() == 4
                ? new AlphaTrack(file, shape, options, warnings)
                : new Track(file, shape, options, warnings);
    }

    private static MovieMuxer muxer(PendingFile file, VideoShape shape, Mp4Options options, List<String> warnings)
            throws IOException {
        return new MovieMuxer(
                file.channel(),
                new VideoTrack(
                        Container.MOV,
                        options.fps(),
                        shape.height(),
                        shape.width(),
                        options.color().matrix(shape.height()),
                        options.pixelAspect(),
                        0),
                options.metadata(),
                Soundtrack.open(options, Container.MOV, warnings));
    }

    /** Writes frames with alpha, as ProRes 4444. */
    private static final class AlphaTrack implements Clip {
        private static final SampleDescription DESCRIPTION = new SampleDescription("ap4h", 32, List.of());
        private final MovieMuxer muxer;
        private final ProRes4444 encoder;

        AlphaTrack(PendingFile file, VideoShape shape, Mp4Options options, List<String> warnings) throws IOException {
            encoder = new ProRes4444(
                    shape.height(), shape.width(), options.color().matrix(shape.height()));
            muxer = muxer(file, shape, options, warnings);
            muxer.begin(DESCRIPTION);
        }

        @Override
        public void picture(Picture picture) throws IOException {
            Picture rgba = picture.hasAlpha() ? picture : picture.toRgba(Quantization.ROUND);
            muxer.sample(encoder.encode(rgba.toFrame()), 0, true);
        }

        @Override
        public void finish() throws IOException {
            muxer.finish(DESCRIPTION);
        }

        @Override
        public void close() throws IOException {
            muxer.close();
        }
    }

    private static final class Track implements Clip {
        private static final SampleDescription DESCRIPTION = new SampleDescription("apch", 24, List.of());
        private static final int WIDTH_AT = 16;
        private static final int HEIGHT_AT = 18;
        private static final int COLORS_AT = 22;
        private final MovieMuxer muxer;
        private final ColorMatrix matrix;
        private final ProresEncoder encoder = new ProresEncoder(Profile.HQ, false);
        /** The picture in whole macroblocks; the part beyond its true size repeats the edge. */
        private final org.jcodec.common.model.Picture coded;

        private final ByteBuffer buffer;
        private final VideoShape shape;

        Track(PendingFile file, VideoShape shape, Mp4Options options, List<String> warnings) throws IOException {
            this.shape = shape;
            matrix = options.color().matrix(shape.height());
            int height = Math.ceilDiv(shape.height(), 16) * 16;
            int width = Math.ceilDiv(shape.width(), 16) * 16;
            coded = org.jcodec.common.model.Picture.createCroppedHiBD(width, height, 2, ColorSpace.YUV422, null);
            // Twice the size of the 10-bit samples, plus headers: even noise at the finest quantiser takes less.
            buffer = ByteBuffer.allocate(8 * width * height + (1 << 16));
            muxer = muxer(file, shape, options, warnings);
            muxer.begin(DESCRIPTION);
        }

        @Override
        public void picture(Picture picture) throws IOException {
            convert(picture.over(Background.BLACK).toFrame());
            ByteBuffer data = encoder.encodeFrame(coded, buffer.clear()).getData();
            byte[] sample = new byte[data.remaining()];
            data.get(sample);
            // jcodec's frame header supports even widths only and always says BT.601, so its fields are corrected here
            // (SMPTE RDD 36, section 5.1).
            ByteBuffer.wrap(sample)
                    .putShort(WIDTH_AT, (short) shape.width())
                    .putShort(HEIGHT_AT, (short) shape.height())
                    .put(COLORS_AT, new byte[] {1, 1, (byte) matrix.codePoint()});
            muxer.sample(sample, 0, true);
        }

        /** RGB in [-1, 1] to 10-bit Y'CbCr 4:2:2 in limited range, a chroma sample for the mean of two pixels. */
        private void convert(Frame frame) {
            int stride = coded.getWidth();
            float red = (float) matrix.red();
            float green = (float) matrix.green();
            float blue = (float) matrix.blue();
            float toU = 448 / (float) (1 - matrix.blue());
            float toV = 448 / (float) (1 - matrix.red());
            float[] row = new float[3 * frame.width()];
            for (int y = 0; y < coded.getHeight(); y++) {
                frame.row(Math.min(y, frame.height() - 1), row);
                for (int x = 0; x < stride; x += 2) {
                    int a = 3 * Math.min(x, frame.width() - 1);
                    int b = 3 * Math.min(x + 1, frame.width() - 1);
                    float aLuma = red * unit(row[a]) + green * unit(row[a + 1]) + blue * unit(row[a + 2]);
                    float bLuma = red * unit(row[b]) + green * unit(row[b + 1]) + blue * unit(row[b + 2]);
                    float luma = (aLuma + bLuma) / 2;
                    put(0, y * stride + x, 64 + 876 * aLuma);
                    put(0, y * stride + x + 1, 64 + 876 * bLuma);
                    put(1, (y * stride + x) / 2, 512 + toU * ((unit(row[a + 2]) + unit(row[b + 2])) / 2 - luma));
                    put(2, (y * stride + x) / 2, 512 + toV * ((unit(row[a]) + unit(row[b])) / 2 - luma));
                }
            }
        }

        private static float unit(float x) {
            float unit = x * 0.5f + 0.5f;
            return unit > 0 ? Math.min(unit, 1) : 0;
        }

        /** Stores a sample as jcodec wants it: the upper 8 bits, less 128, apart from the lower 2. */
        private void put(int plane, int at, float value) {
            int level = Math.round(value);
            coded.getPlaneData(plane)[at] = (byte) ((level >> 2) - 128);
            coded.getLowBits()[plane][at] = (byte) (level & 3);
        }

        @Override
        public void finish() throws IOException {
            muxer.finish(DESCRIPTION);
        }

        @Override
        public void close() throws IOException {
            muxer.close();
        }
    }
}
