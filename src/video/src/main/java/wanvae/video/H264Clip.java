package wanvae.video;

import java.io.IOException;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.container.AvcConfiguration;
import wanvae.video.container.Muxer;
import wanvae.video.container.SampleDescription;
import wanvae.video.container.VideoTrack;
import wanvae.video.h264.ChromaFormat;
import wanvae.video.h264.ColorDescription;
import wanvae.video.h264.Effort;
import wanvae.video.h264.EncodedFrame;
import wanvae.video.h264.FirstPass;
import wanvae.video.h264.H264Config;
import wanvae.video.h264.H264Encoder;
import wanvae.video.h264.Rate;
import wanvae.video.h264.YuvFrame;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Yuv;

/** Passes pictures through the H.264 encoder into an MP4, plain or fragmented. */
final class H264Clip implements Clip {
    private final Mp4Options options;
    private final Muxer muxer;
    private final VideoTrack track;
    private final H264Config config;
    /** The encoder of the current pass. */
    private H264Encoder encoder;
    /** Null if there is only one pass. */
    private final FrameSpool spool;

    private final FirstPass first = new FirstPass();

    /** Opens what writes the container. */
    interface Muxing {
        Muxer open(VideoTrack track) throws IOException;
    }

    /**
     * Starts a video.
     *
     * @param warnings receives what the user should know
     * @throws IOException with the reason alone
     */
    H264Clip(VideoShape shape, Mp4Options options, List<String> warnings, Muxing muxing) throws IOException {
        this.options = options;
        track = track(shape, options);
        config = config(track, shape, options);
        if (Math.max(track.height(), track.width()) > H264Config.MAX_SIZE)
            throw new IOException("H.264 here goes up to " + H264Config.MAX_SIZE + "x" + H264Config.MAX_SIZE
                    + " pixels and this is " + track.width() + "x" + track.height());
        if (options.macroBlockSize() % 2 == 1 && (track.height() != config.height() || track.width() != config.width()))
            warnings.add("frames of " + shape.width() + "x" + shape.height() + " are shown as " + track.width() + "x"
                    + track.height() + ", their last row or column twice: H.264 shows even sizes in 4:2:0");
        else if (track.height() != shape.height() || track.width() != shape.width())
            warnings.add("frames of " + shape.width() + "x" + shape.height() + " are enlarged to " + track.width() + "x"
                    + track.height() + ", the next multiples of " + options.macroBlockSize()
                    + ", for players that need them; a macro block size of 1 leaves them as they are");
        muxer = muxing.open(track);
        boolean twice = options.twoPass().isPresent() && options.bitrate().isPresent();
        spool = twice ? new FrameSpool(options.twoPass().get()) : null;
        encoder = new H264Encoder(config, twice ? first::add : this::mux);
        try {
            muxer.begin(description());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void mux(EncodedFrame coded) throws IOException {
        muxer.sample(coded.avcc(), coded.delay(), coded.keyFrame());
    }

    /** The codec of a video as RFC 6381 writes it, such as {@code avc1.64001E}. */
    static String codecs(VideoShape shape, Mp4Options options) {
        try (H264Encoder encoder = new H264Encoder(config(track(shape, options), shape, options), coded -> {})) {
            byte[] sps = encoder.sps();
            return "avc1.%02X%02X%02X".formatted(sps[1], sps[2], sps[3]);
        }
    }

    /** A size rounded up to whole blocks. */
    private static int enlarged(int size, int block) {
        return Math.ceilDiv(size, block) * block;
    }

    /** The size that players show. H.264 crops whole samples of chroma only. */
    private static int shown(int size, Mp4Options options) {
        return enlarged(
                enlarged(size, options.macroBlockSize()), options.chroma().step());
    }

    private static VideoTrack track(VideoShape shape, Mp4Options options) {
        VideoTrack inOrder = new VideoTrack(
                VideoTrack.Container.MP4,
                options.fps(),
                shown(shape.height(), options),
                shown(shape.width(), options),
                options.color().matrix(shape.height()),
                options.pixelAspect(),
                0);
        return inOrder.withReordering(config(inOrder, shape, options).reordering());
    }

    private static H264Config config(VideoTrack track, VideoShape shape, Mp4Options options) {
        int block = options.macroBlockSize();
        Rate rate = options.qp().isPresent()
                ? new Rate.ConstantQp(options.qp().getAsInt())
                : options.bitrate().isPresent()
                        ? new Rate.Bitrate(options.bitrate().getAsLong())
                        : new Rate.Quality(options.quality());
        ColorDescription colors = track.matrix() == ColorMatrix.BT601 ? ColorDescription.BT601 : ColorDescription.BT709;
        return H264Config.of(
                        enlarged(shape.width(), block),
                        enlarged(shape.height(), block),
                        track.fps().numerator(),
                        track.fps().denominator())
                .withRate(rate)
                .withKeyint(options.keyint())
                .withColor(colors)
                .withPixelAspect(
                        track.pixelAspect().width(), track.pixelAspect().height())
                .withLookahead(options.lookahead())
                .withEffort(Effort.valueOf(options.preset().name()))
                .withChroma(ChromaFormat.valueOf(options.chroma().name()))
                .withThreads(options.threads());
    }

    private SampleDescription description() {
        return AvcConfiguration.describe(encoder.sps(), encoder.pps(), config.chroma().idc);
    }

    @Override
    public void picture(Picture picture) throws IOException {
        Yuv yuv = picture.toYuv(track.matrix(), options.chroma()).scaledTo(config.height(), config.width());
        YuvFrame frame = new YuvFrame(config.chroma(), config.width(), config.height(), yuv.y(), yuv.u(), yuv.v());
        if (spool != null) spool.add(frame);
        encoder.encode(frame);
    }

    @Override
    public void finish() throws IOException {
        encoder.finish();
        if (spool != null) encodeAgain();
        muxer.finish(description());
    }

    private void encodeAgain() throws IOException {
        encoder.close();
        Rate second = new Rate.SecondPass(options.bitrate().getAsLong(), first);
        encoder = new H264Encoder(config.withRate(second), this::mux);
        YuvFrame frame = YuvFrame.black(config.chroma(), config.width(), config.height());
        spool.rewind();
        for (long i = 0; i < spool.frames(); i++) {
            spool.read(frame);
            encoder.encode(frame);
        }
        encoder.finish();
    }

    @Override
    public void close() throws IOException {
        encoder.close();
        try (muxer) {
            if (spool != null) spool.close();
        }
    }
}
