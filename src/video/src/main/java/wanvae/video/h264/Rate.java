package wanvae.video.h264;

/** What decides how coarsely pictures are quantised. */
public sealed interface Rate {
    /**
     * Constant quality 0 (worst) to 10 (best), decimals allowed: as imageio maps it to x264's crf, {@code 51 (1 -
     * quality / 10)} rounded down.
     */
    record Quality(double quality) implements Rate {
        public Quality {
            if (!(quality >= 0 && quality <= 10))
                throw new IllegalArgumentException("quality is 0 to 10, not " + quality);
        }

        /** The constant rate factor that x264 takes for this quality: 51 (coarsest) to 0. */
        int crf() {
            return (int) (51 * (1 - quality / 10));
        }
    }

    /** The same quantiser, 0 (finest) to 51, for every macroblock. */
    record ConstantQp(int qp) implements Rate {
        public ConstantQp {
            if (qp < 0 || qp > 51) throw new IllegalArgumentException("qp is 0 to 51, not " + qp);
        }
    }

    /** Average bits per second over the clip. */
    record Bitrate(long bitsPerSecond) implements Rate {
        public Bitrate {
            if (bitsPerSecond < 1)
                throw new IllegalArgumentException("a bitrate is at least 1 bit per second, not " + bitsPerSecond);
        }
    }

    /** Average bits per second over a clip that was coded once before with {@link Bitrate}, its pictures of one quality. */
    record SecondPass(long bitsPerSecond, FirstPass first) implements Rate {}

    /** Whether the quantisers of a picture depend on the sizes of those before it. */
    default boolean followsSizes() {
        return this instanceof Bitrate || this instanceof SecondPass;
    }
}
