package wanvae.video.picture;

/** How a float in [0, 1] becomes a byte. Values outside the range are clamped, NaN becomes 0. */
public enum Quantization {
    /** {@code (x * 255).astype(uint8)}: diffusers' {@code export_to_video}. */
    TRUNCATE {
        @Override
        int level(float scaled) {
            return (int) scaled;
        }
    },
    /** {@code (x * 255).round().astype(uint8)}, half to even: diffusers' PIL images. */
    ROUND {
        @Override
        int level(float scaled) {
            return (int) Math.rint(scaled);
        }
    };

    /** The level of a value already in [0, 255]. */
    abstract int level(float scaled);

    byte quantize(float unit) {
        // The comparison is false for NaN, which therefore becomes 0.
        return unit > 0 ? (byte) level(Math.min(unit, 1f) * 255f) : 0;
    }
}
