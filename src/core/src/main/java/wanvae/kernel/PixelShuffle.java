package wanvae.kernel;

import wanvae.runtime.Team;

/** PyTorch's {@code pixel_shuffle}: {@code out[y·f + i][x·f + j][c] = in[y][x][(c·f + i)·f + j]}. */
public final class PixelShuffle {
    private PixelShuffle() {}

    /**
     * Fills frames of {@code [H·f][W·f][C]} from the same number of {@code [H][W][C·f·f]}.
     *
     * @param factor f
     * @param out    all pixels that those of {@code in} make
     */
    public static void run(Team team, Frames in, int factor, Frames out) {
        Window from = in.window(), to = out.window();
        if (in.channels() != out.channels() * factor * factor
                || in.count() != out.count()
                || to.y() != from.y() * factor
                || to.x() != from.x() * factor
                || to.height() != from.height() * factor
                || to.width() != from.width() * factor)
            throw new IllegalArgumentException(in.count() + " frames of " + from + " with " + in.channels()
                    + " channels do not make " + out.count() + " of " + to + " with " + out.channels());
        int channels = out.channels(), area = factor * factor;
        team.run(out.count() * out.height(), (task, worker) -> {
            int t = task / out.height(), y = task % out.height();
            long source = in.address(t) + y / factor * in.rowBytes() + 4L * (y % factor) * factor,
                    target = out.address(t) + y * out.rowBytes();
            for (int x = 0; x < in.width(); x++, source += 4L * in.stride())
                for (int j = 0; j < factor; j++, target += 4L * out.stride()) {
                    for (int c = 0; c < channels; c++)
                        Simd.set(target + 4L * c, Simd.get(source + 4L * (c * area + j)));
                    for (int c = channels; c < out.stride(); c++) Simd.set(target + 4L * c, 0);
                }
        });
    }
}
