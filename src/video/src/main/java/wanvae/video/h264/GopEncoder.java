package wanvae.video.h264;

import java.util.ArrayDeque;
import java.util.Arrays;

/** Codes the pictures of one closed group one after another: the first as IDR, the others from those before them. */
final class GopEncoder {
    private final H264Config config;
    private final RateControl rateControl;
    private final H264Encoder.Watcher watcher;
    private final SliceEncoder slices;
    /** Reference pictures, latest first. */
    private final ArrayDeque<Picture> references = new ArrayDeque<>();
    /** No longer a reference: to be written over. */
    private Picture spare;

    private int frameNum;

    /** @param watcher is told the reconstruction of every picture; may be null */
    GopEncoder(H264Config config, ParameterSets parameterSets, RateControl rateControl, H264Encoder.Watcher watcher) {
        this.config = config;
        this.rateControl = rateControl;
        this.watcher = watcher;
        slices = new SliceEncoder(config, parameterSets);
    }

    /** Codes {@code window[0]}. */
    EncodedFrame encode(SourcePicture[] window) {
        SourcePicture source = window[0];
        boolean idr = references.isEmpty();
        double quantizer = rateControl.quantizer(window, frameNum);
        byte[] qps = new byte[config.widthInMbs() * config.heightInMbs()];
        if (config.rate() instanceof Rate.ConstantQp) Arrays.fill(qps, (byte) quantizer);
        else {
            float[] offsets = MacroblockTree.offsets(window);
            for (int i = 0; i < qps.length; i++) qps[i] = (byte) Math.clamp(Math.round(quantizer + offsets[i]), 0, 51);
        }
        int qp = 0;
        for (byte each : qps) qp += each;
        qp = qp / qps.length;

        Picture[] list = references.toArray(Picture[]::new);
        Picture picture = spare != null ? spare : new Picture(16 * config.widthInMbs(), 16 * config.heightInMbs());
        byte[] nal = slices.encode(source, picture, list, frameNum++, source.number & 1, qps, qp);
        if (watcher != null) watcher.reconstructed(source.number, picture.shown(config.width(), config.height()));
        picture.makeReference();
        spare = references.size() == ParameterSets.REFERENCES ? references.removeLast() : null;
        references.addFirst(picture);
        rateControl.coded(nal.length);
        return new EncodedFrame(source.number, idr, nal);
    }
}
