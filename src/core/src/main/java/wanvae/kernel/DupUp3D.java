package wanvae.kernel;

import wanvae.runtime.Team;

/**
 * Wan 2.2's parameter-free upsampling shortcut (diffusers' DupUp3D): every input channel is repeated, then channels
 * become pixels: {@code out[t·ft+a][2y+b][2x+c][o] = in[t][y][x][(((o·ft + a)·2 + b)·2 + c) / repeats]} with {@code
 * repeats = out·ft·4 / in}.
 */
public final class DupUp3D {
    private DupUp3D() {}

    /**
     * Fills frames of {@code [2H][2W][out]} from frames of {@code [H][W][in]}.
     *
     * @param first   index of the first output frame to fill: each frame of {@code in} makes ft output frames, and the
     *                model drops the first ft - 1 of the first chunk
     * @param factorT ft, 1 or 2
     * @param window  the pixels of {@code out} to fill; {@code in} must hold the pixels they come from
     */
    public static void run(Team team, Frames in, int first, int factorT, Frames out, Window window) {
        int repeats = out.channels() * factorT * 4 / in.channels();
        if (repeats * in.channels() != out.channels() * factorT * 4
                || !out.window().contains(window)
                || !in.window().contains(window.halved())
                || (first + out.count() - 1) / factorT >= in.count())
            throw new IllegalArgumentException("DupUp3D cannot take " + in.count() + " frames of " + in.height() + "x"
                    + in.width() + "x" + in.channels() + " to " + out.count() + " of " + out.height() + "x"
                    + out.width() + "x" + out.channels());
        team.run(out.count() * window.height(), (task, worker) -> {
            int t = task / window.height(), y = window.y() + task % window.height(), a = (first + t) % factorT;
            long source = in.address((first + t) / factorT), target = out.address(t) + out.offset(y, window.x());
            for (int x = window.x(); x < window.right(); x++, target += 4L * out.stride()) {
                long pixel = source + in.offset(y >> 1, x >> 1);
                int offset = (a * 2 + (y & 1)) * 2 + (x & 1);
                for (int o = 0; o < out.stride(); o++)
                    Simd.set(
                            target + 4L * o,
                            o < out.channels() ? Simd.get(pixel + 4L * ((o * factorT * 4 + offset) / repeats)) : 0);
            }
        });
    }
}
