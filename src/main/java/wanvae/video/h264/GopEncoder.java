package wanvae.video.h264;

import java.util.ArrayDeque;
import java.util.Arrays;

/** Codes the pictures of one closed group one after another: the first as IDR, the others from those before them. */
final class GopEncoder {
    private final H264Config config;
    private final H264Encoder.Watcher watcher;
    private final SliceEncoder slices;
    /** Reference pictures, latest first. */
    private final ArrayDeque<Picture> references = new ArrayDeque<>();
    /** No longer a reference: to be written over. */
    private Picture spare;
    private int frameNum;

    /** @param watcher is told the reconstruction of every picture; may be null */
    GopEncoder(H264Config config, ParameterSets parameterSets, H264Encoder.Watcher watcher) {
        this.config = config;
        this.watcher = watcher;
        slices = new SliceEncoder(config, parameterSets);
    }

    /** Codes {@code window[0]}. */
    EncodedFrame encode(SourcePicture[] window) {
        SourcePicture source = window[0];
        boolean idr = references.isEmpty();
        int qp = switch (config.rate()) {
            case Rate.ConstantQp constant -> constant.qp();
            case Rate.Quality quality -> Math.clamp(Math.round(51 * (1 - quality.quality() / 10)), 0, 51);
            case Rate.Bitrate bitrate -> 26;
        };
        byte[] qps = new byte[config.widthInMbs() * config.heightInMbs()];
        Arrays.fill(qps, (byte) qp);

        Picture[] list = references.toArray(Picture[]::new);
        Picture picture = spare != null ? spare : new Picture(16 * config.widthInMbs(), 16 * config.heightInMbs());
        byte[] nal = slices.encode(source, picture, list, frameNum++, source.number & 1, qps, qp);
        if (watcher != null) watcher.reconstructed(source.number, picture.shown(config.width(), config.height()));
        picture.makeReference();
        spare = references.size() == ParameterSets.REFERENCES ? references.removeLast() : null;
        references.addFirst(picture);
        return new EncodedFrame(source.number, idr, nal);
    }
}
