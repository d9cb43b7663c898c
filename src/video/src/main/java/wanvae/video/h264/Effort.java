package wanvae.video.h264;

/** How much work goes into finding out how a macroblock is coded best. */
public enum Effort {
    /** One reference picture, one motion a macroblock, and of all candidates only the most promising is coded. */
    FAST,
    /** All reference pictures for whole macroblocks, one for the parts of each; what the defaults are tuned for. */
    MEDIUM,
    /**
     * All reference pictures for the parts too; more candidates are coded, and as they would be in the end, even where a
     * skip leaves nothing.
     */
    SLOW;

    /** Of two efforts, whether this is at least the other. */
    boolean atLeast(Effort other) {
        return compareTo(other) >= 0;
    }
}
