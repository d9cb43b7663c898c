package wanvae.video;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.h264.Colour;
import wanvae.video.h264.H264Config;
import wanvae.video.h264.H264Encoder;
import wanvae.video.h264.Rate;
import wanvae.video.h264.YuvFrame;

/**
 * MP4 with H.264: 8-bit 4:2:0 in limited range with its colours tagged, the index before the pictures. Floats become
 * bytes as in diffusers' {@code export_to_video}. The encoder works on threads of its own, stopped when a clip is
 * complete or the writer closed.
 */
public final class Mp4Writer extends ClipWriter {
    private final Mp4Options options;

    private Mp4Writer(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        super(target, ifExists);
        this.options = options;
    }

    /**
     * A writer of {@code target}, or of numbered files where there are several members.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static Mp4Writer create(Path target, Mp4Options options) throws IOException {
        return create(target, options, IfExists.REPLACE);
    }

    /** As {@link #create(Path, Mp4Options)}, with a choice for files that exist. */
    public static Mp4Writer create(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        return new Mp4Writer(target, options, ifExists);
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        int block = options.macroBlockSize();
        int height = Math.ceilDiv(shape.height(), block) * block;
        int width = Math.ceilDiv(shape.width(), block) * block;
        if (Math.max(height, width) > H264Config.MAX_SIZE)
            throw new IOException("H.264 here goes up to " + H264Config.MAX_SIZE + "x" + H264Config.MAX_SIZE
                    + " pixels and this is " + width + "x" + height);
        if (height != shape.height() || width != shape.width())
            warnings.add("frames of " + shape.width() + "x" + shape.height() + " are enlarged to " + width + "x"
                    + height + ", the next multiples of " + block
                    + ", for players that need them; a macro block size of 1 leaves them as they are");
        return new Track(file, shape.height(), height, width, options);
    }

    private static final class Track implements Clip {
        private final MovieMuxer muxer;
        private final H264Encoder encoder;
        private final ColorMatrix matrix;
        private final int height;
        private final int width;

        Track(PendingFile file, int sourceHeight, int height, int width, Mp4Options options) throws IOException {
            this.height = height;
            this.width = width;
            this.matrix = options.color().matrix(sourceHeight);
            Rate rate = options.qp().isPresent()
                    ? new Rate.ConstantQp(options.qp().getAsInt())
                    : options.bitrate().isPresent()
                            ? new Rate.Bitrate(options.bitrate().getAsLong())
                            : new Rate.Quality(options.quality());
            Colour colour = matrix == ColorMatrix.BT601 ? Colour.BT601 : Colour.BT709;
            muxer = new MovieMuxer(file, MovieMuxer.Container.MP4, options.fps(), height, width, matrix);
            encoder = new H264Encoder(
                    H264Config.of(
                                    width,
                                    height,
                                    options.fps().numerator(),
                                    options.fps().denominator())
                            .withRate(rate)
                            .withKeyint(options.keyint())
                            .withColour(colour)
                            .withThreads(options.threads()),
                    coded -> muxer.sample(coded.avcc(), coded.keyFrame()));
        }

        @Override
        public void picture(Picture picture) throws IOException {
            Yuv yuv = picture.toYuv(matrix).scaledTo(height, width);
            encoder.encode(new YuvFrame(width, height, yuv.y(), yuv.u(), yuv.v()));
        }

        @Override
        public void finish() throws IOException {
            encoder.finish();
            muxer.finish("avc1", AvcConfiguration.box(encoder.sps(), encoder.pps()));
        }

        @Override
        public void close() throws IOException {
            try (muxer) {
                encoder.close();
            }
        }
    }
}
