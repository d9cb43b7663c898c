package wanvae.video.h264;

import java.util.Arrays;

/** Decides on the quantisers of pictures, and follows what pictures really took. */
final class RateControl {
    /** The finest quantiser for every macroblock, whatever the offsets. */
    private static final double FINEST = -52;
    /** Above crf, at 25 frames a second: x264 scales its quantisers by the 0.4th power of complexity, 13.5 quantisers. */
    private static final double ABOVE_CRF = 0.4 * 13.5;
    /** What a picture that starts a group in the midst of others is quantised more finely by: a step by 1.4. */
    private static final double KEY_PICTURE = 6 * StrictMath.log(1.4) / StrictMath.log(2);
    /** Bits that a unit of complexity takes at quantiser step 1, before anything was coded. */
    private static final double FIRST_GUESS = 1.5;
    /** How fast what was coded long ago loses its say, for each picture. */
    private static final double DECAY = 0.97;
    /** The same in a second pass, which knows what is ahead and only has to learn how much the first one was off. */
    private static final double SECOND_DECAY = 0.85;
    /** How far a group's quantiser may be from that of the group before in a second pass, which aims at one quality. */
    private static final double MOST_STEP = 3;
    /** How far a group's step may be from what would keep the bitrate, to make up for what came before. */
    private static final double MOST_CORRECTION = 2;

    private final H264Config config;
    private final double bitsPerPicture;
    private double wantedBits, codedBits, weightedBits, weightedComplexity, weightedExpected;
    /** Of the group last asked for. */
    private double quantizer, step;

    RateControl(H264Config config) {
        this.config = config;
        double bitrate = switch (config.rate()) {
            case Rate.Bitrate rate -> rate.bitsPerSecond();
            case Rate.SecondPass rate -> rate.bitsPerSecond();
            default -> 0;
        };
        bitsPerPicture = bitrate * config.fpsDenominator() / config.fpsNumerator();
    }

    /**
     * Decides on the quantiser of a group, to which the offsets of its pictures are added.
     *
     * @param group    the pictures
     * @param ahead    complexity of the group and all that is known of the pictures behind it
     * @param pictures how many those are
     */
    void start(MiniGop group, double ahead, int pictures) {
        quantizer = switch (config.rate()) {
            case Rate.ConstantQp constant -> constant.qp();
            case Rate.Quality quality -> quality.quality() == 10 ? FINEST : ofCrf(quality.crf());
            case Rate.Bitrate _ -> ofBitrate(ahead, pictures);
            case Rate.SecondPass second ->
                ofSecondPass(second.first(), group.pictures().getFirst().number);
        };
    }

    /** Sets the quantisers of a picture of the group. */
    void quantize(PicturePlan plan) {
        byte[] qps = new byte[config.widthInMbs() * config.heightInMbs()];
        if (config.rate() instanceof Rate.ConstantQp) Arrays.fill(qps, (byte) quantizer);
        else {
            float[] offsets = plan.source.offsets;
            double quantizer = plan.isIdr() && plan.decodingOrder > 0 ? this.quantizer - KEY_PICTURE : this.quantizer;
            for (int i = 0; i < qps.length; i++)
                qps[i] = (byte) Math.clamp((int) Math.floor(quantizer + offsets[i] + 0.5), 0, 51);
        }
        int sum = 0;
        for (byte each : qps) sum += each;
        plan.quantizer = quantizer;
        plan.qps = qps;
        plan.qp = sum / qps.length;
    }

    /** The quantiser that gives the SSIM of x264's crf. As x264's, it follows the time a picture is seen. */
    private double ofCrf(int crf) {
        double fps = Math.clamp((double) config.fpsNumerator() / config.fpsDenominator(), 1, 100);
        return crf + ABOVE_CRF + 2.4 * StrictMath.log(fps / 25) / StrictMath.log(2);
    }

    private double ofBitrate(double ahead, int pictures) {
        double mean = ahead / pictures;
        double perStep = (weightedBits + FIRST_GUESS * mean) / (weightedComplexity + mean);
        double usual = bitsPerPicture * pictures, target = usual - (codedBits - wantedBits);
        double correction =
                target <= 0 ? MOST_CORRECTION : Math.clamp(usual / target, 1 / MOST_CORRECTION, MOST_CORRECTION);
        step = perStep * ahead / usual * correction;
        double result = 12 + 6 * StrictMath.log(step) / StrictMath.log(2);
        step *= StrictMath.pow(2, (Math.clamp(result, 0, 51) - result) / 6);
        return Math.clamp(result, 0, 51);
    }

    /** The one that spends what is left on the pictures from this one on, by what they took in the first pass. */
    private double ofSecondPass(FirstPass first, int number) {
        double left = Math.max(bitsPerPicture, bitsPerPicture * first.pictures() - codedBits);
        double expected = first.from(number) * (weightedBits + bitsPerPicture) / (weightedExpected + bitsPerPicture);
        double wanted = FirstPass.HALVING * StrictMath.log(expected / left) / StrictMath.log(2);
        // The last pictures are too few to make up for all before them.
        if (codedBits > 0) wanted = Math.clamp(wanted, quantizer - MOST_STEP, quantizer + MOST_STEP);
        return Math.clamp(wanted, 0, 51);
    }

    /** Takes note of what a picture of the last group took. */
    void coded(PicturePlan plan, int bytes) {
        wantedBits += bitsPerPicture;
        codedBits += 8.0 * bytes;
        if (config.rate() instanceof Rate.SecondPass second) {
            weightedBits = SECOND_DECAY * weightedBits + 8.0 * bytes;
            weightedExpected =
                    SECOND_DECAY * weightedExpected + second.first().bits(plan.source.number, plan.quantizer);
            return;
        }
        weightedBits = DECAY * weightedBits + 8.0 * bytes * step;
        weightedComplexity = DECAY * weightedComplexity + plan.source.complexity();
    }
}
