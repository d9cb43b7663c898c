package wanvae.kernel;

import wanvae.runtime.Team;

/**
 * Wan 2.2's parameter-free downsampling shortcut (diffusers' AvgDown3D): pixels become channels, {@code
 * s[t][y][x][((c·ft + a)·fs + i)·fs + j] = in[t·ft + a][y·fs + i][x·fs + j][c]}, and groups of consecutive channels are
 * averaged. Where the number of frames is not a multiple of ft, frames of zeros are added in front.
 */
public final class AvgDown3D {
    private AvgDown3D() {}

    /**
     * Fills frames of {@code [H/fs][W/fs][out]} from frames of {@code [H][W][in]}, or adds to them.
     *
     * @param factorT ft: this many input frames make one output frame
     * @param factorS fs: divides H and W
     * @param adds    whether the averages are added to what {@code out} holds. {@code out} may be {@code in} where both
     *                factors are 1
     * @param window  the pixels of {@code out} to fill; {@code in} holds the pixels they are computed from
     */
    public static void run(Team team, Frames in, int factorT, int factorS, boolean adds, Frames out, Window window) {
        int area = factorS * factorS, all = in.channels() * factorT * area, group = all / out.channels();
        int zeros = out.count() * factorT - in.count();
        if (group * out.channels() != all
                || zeros < 0
                || zeros >= factorT
                || !out.window().contains(window)
                || !in.window().contains(reads(window, factorS)))
            throw new IllegalArgumentException("AvgDown3D cannot take " + in.count() + " frames of " + in.window()
                    + " with " + in.channels() + " channels to " + out.count() + " of " + out.window() + " with "
                    + out.channels());
        // For each channel that is averaged: its frame in the patch, and its offset in bytes from the patch's first
        // pixel.
        int[] frame = new int[all];
        long[] place = new long[all];
        for (int i = 0; i < all; i++) {
            frame[i] = i / area % factorT;
            place[i] = i / factorS % factorS * in.rowBytes()
                    + 4L * (i % factorS) * in.stride()
                    + 4L * (i / (area * factorT));
        }
        team.run(out.count() * window.height(), (task, worker) -> {
            int t = task / window.height(), y = window.y() + task % window.height();
            long[] source = new long[factorT];
            for (int a = 0; a < factorT; a++) {
                int from = t * factorT + a - zeros;
                if (from >= 0 && in.address(from) != 0)
                    source[a] = in.address(from) + in.offset(y * factorS, window.x() * factorS);
            }
            long target = out.address(t) + out.offset(y, window.x());
            for (int x = 0; x < window.width(); x++, target += 4L * out.stride()) {
                long pixel = 4L * x * factorS * in.stride();
                for (int o = 0; o < out.stride(); o++) {
                    float sum = 0;
                    if (o < out.channels())
                        for (int i = o * group; i < (o + 1) * group; i++)
                            if (source[frame[i]] != 0) sum += Simd.get(source[frame[i]] + pixel + place[i]);
                    Simd.set(target + 4L * o, adds ? Simd.get(target + 4L * o) + sum / group : sum / group);
                }
            }
        });
    }

    /** The input pixels that a window of the output is computed from. */
    public static Window reads(Window window, int factorS) {
        return new Window(
                window.y() * factorS,
                window.x() * factorS,
                window.height() * factorS,
                window.width() * factorS,
                window.pictureHeight() * factorS,
                window.pictureWidth() * factorS);
    }
}
