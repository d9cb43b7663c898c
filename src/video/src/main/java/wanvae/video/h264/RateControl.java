package wanvae.video.h264;

/** Decides on the quantiser a picture's offsets are added to, and follows what pictures really took. */
final class RateControl {
    /**
     * How long a bitrate may be missed before the quantiser doubles its step, unless the group of pictures ends before.
     */
    private static final double PATIENCE_SECONDS = 1;
    /** Bits that a unit of complexity takes at quantiser step 1, before anything was coded. */
    private static final double FIRST_GUESS = 3;

    /**
     * One picture of so many is coded more finely and serves the others, which are coded more coarsely, as a reference.
     */
    private static final int PERIOD = 3;

    private static final double FINER = -3, COARSER = 1.5;

    private final H264Config config;
    private final double bitsPerFrame;
    private double wantedBits, codedBits, weightedBits, weightedComplexity;
    private double complexity, step;

    RateControl(H264Config config) {
        this.config = config;
        double bitrate = config.rate() instanceof Rate.Bitrate rate ? rate.bitsPerSecond() : 0;
        bitsPerFrame = bitrate * config.fpsDenominator() / config.fpsNumerator();
    }

    /**
     * The quantiser, with fractions, for the first picture of the window.
     *
     * @param position its place in its group of pictures, from 0
     */
    double quantizer(SourcePicture[] window, int position) {
        return switch (config.rate()) {
            case Rate.ConstantQp constant -> constant.qp();
            case Rate.Quality quality -> withOffset(ofCrf(51 * (1 - quality.quality() / 10)), position);
            case Rate.Bitrate bitrate -> {
                double mean = ofBitrate(window, position == 0), quantizer = withOffset(mean, position);
                step *= StrictMath.pow(2, (quantizer - mean) / 6);
                yield quantizer;
            }
        };
    }

    /** The finer a quantiser, the less pictures take from their references and the less the period pays. */
    private static double withOffset(double quantizer, int position) {
        return quantizer + (position % PERIOD == 0 ? FINER : COARSER) * Math.clamp((quantizer - 16) / 16, 0, 1);
    }

    /**
     * The quantiser that gives, with the offsets of {@link MacroblockTree} and of the period, the SSIM of x264's crf
     * rounded down: measured at 25 frames a second. As x264's, it follows the time a picture is seen.
     */
    private double ofCrf(double crf) {
        if (crf == 0) return -52; // the finest there is, whatever the offsets
        double fps = Math.clamp((double) config.fpsNumerator() / config.fpsDenominator(), 1, 100);
        return crf + 6 + 2.4 * StrictMath.log(fps / 25) / StrictMath.log(2);
    }

    private double ofBitrate(SourcePicture[] window, boolean idr) {
        double ahead = 0;
        for (SourcePicture picture : window) ahead += picture.analysis.complexity(idr && picture == window[0]);
        complexity = window[0].analysis.complexity(idr);
        double perStep =
                (weightedBits + FIRST_GUESS * ahead / window.length) / (weightedComplexity + ahead / window.length);
        double target = bitsPerFrame * window.length;
        double patience = Math.min(window.length, PATIENCE_SECONDS * config.fpsNumerator() / config.fpsDenominator());
        double behind = Math.clamp(1 + (codedBits - wantedBits) / (bitsPerFrame * patience), 0.5, 2);
        step = perStep * ahead / target * behind;
        return Math.clamp(12 + 6 * StrictMath.log(step / 0.85) / StrictMath.log(2), 0, 51);
    }

    /** Takes note of what the picture took for which a quantiser was last asked. */
    void coded(int bytes) {
        if (!(config.rate() instanceof Rate.Bitrate)) return;
        wantedBits += bitsPerFrame;
        codedBits += 8.0 * bytes;
        weightedBits = 0.95 * weightedBits + 8.0 * bytes * step;
        weightedComplexity = 0.95 * weightedComplexity + complexity;
    }
}
