package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/** Enlargement by two in space, every pixel four times. */
public final class UpsampleNearest {
    private UpsampleNearest() {}

    /**
     * Enlarges frames.
     *
     * @param in  T frames of {@code [H][W][C]}, none null
     * @param out T frames of {@code [2H][2W][C]}; must not overlap {@code in}
     */
    public static void run(Team team, Frames in, Frames out) {
        if (out.count() != in.count() || out.height() != 2 * in.height() || out.width() != 2 * in.width() || out.channels() != in.channels())
            throw new IllegalArgumentException(in.count() + " frames of " + in.height() + "x" + in.width() + "x" + in.channels() + " cannot be enlarged to "
                    + out.count() + " of " + out.height() + "x" + out.width() + "x" + out.channels());
        long pixel = 4L * in.stride();
        team.run(in.count() * in.height(), (row, worker) -> {
            int t = row / in.height(), y = row % in.height();
            long source = in.address(t) + y * in.rowBytes(), target = out.address(t) + 2 * y * out.rowBytes();
            for (int x = 0; x < in.width(); x++) four(source + x * pixel, target + 2 * x * pixel, out.rowBytes(), pixel);
        });
    }

    private static void four(long source, long target, long row, long pixel) {
        for (long c = 0; c < pixel; c += 4L * LANES) {
            var v = Simd.load(source + c);
            Simd.store(v, target + c);
            Simd.store(v, target + pixel + c);
            Simd.store(v, target + row + c);
            Simd.store(v, target + row + pixel + c);
        }
    }
}
