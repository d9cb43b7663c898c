package wanvae.kernel;

import wanvae.runtime.Team;

/** {@code 3 · tanh(x / 3)}, by which tiny autoencoders keep latents within (-3, 3). */
public final class SoftClamp {
    private SoftClamp() {}

    /**
     * Clamps frames in place. It uses {@link StrictMath}, whose results are the same on every machine; latents are so
     * small that its slowness does not matter.
     */
    public static void run(Team team, Frames frames) {
        int values = frames.width() * frames.stride();
        team.run(frames.count() * frames.height(), (task, worker) -> {
            long row = frames.address(task / frames.height()) + task % frames.height() * frames.rowBytes();
            for (long i = 0; i < 4L * values; i += 4)
                Simd.set(row + i, (float) (3 * StrictMath.tanh(Simd.get(row + i) / 3.0)));
        });
    }
}
