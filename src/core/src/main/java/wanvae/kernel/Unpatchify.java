package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/** From conv_out's channels to pictures: unpatchify, clamp, {@code [H][W][3]}. */
public final class Unpatchify {
    private Unpatchify() {}

    /**
     * One frame, or the window of it that is there: {@code picture[y·p + i][x·p + j][c] = out[y][x][(c·p + j)·p + i]}
     * (diffusers' unpatchify).
     *
     * @param patch   p: 1, or 2 for Wan 2.2
     * @param clamp   to [-1, 1]; NaN stays NaN
     * @param picture {@code [H·p][W·p][3]} floats, the whole picture, native memory
     * @return position {@code (y · W·p + x)} in the picture of the first value that is not finite, or -1
     */
    public static long picture(Team team, Frames out, int t, int patch, boolean clamp, MemorySegment picture) {
        Window window = out.window();
        if (out.channels() != 3 * patch * patch
                || !picture.isNative()
                || picture.byteSize() < 12L * window.pictureHeight() * window.pictureWidth() * patch * patch)
            throw new IllegalArgumentException(picture.byteSize() + " bytes cannot take a picture of " + window
                    + " with " + out.channels() + " channels, " + patch + "x" + patch + " pixels each");
        long[] firstOfRow = new long[out.height() * patch];
        team.run(firstOfRow.length, (row, worker) -> {
            int y = row / patch;
            long first = (window.y() * patch + row) * (long) window.pictureWidth() * patch + window.x() * patch;
            int bad = row(
                    out.address(t) + y * out.rowBytes(),
                    4L * out.stride(),
                    out.width(),
                    patch,
                    row % patch,
                    clamp,
                    picture.address() + 12 * first);
            firstOfRow[row] = bad < 0 ? -1 : first + bad;
        });
        for (long first : firstOfRow) if (first >= 0) return first;
        return -1;
    }

    /** Row i of the rows that a row of pixels makes. @return where the first value is that is not finite, or -1 */
    static int row(long source, long pixel, int width, int patch, int i, boolean clamp, long target) {
        int bad = -1;
        for (int x = 0; x < width; x++, source += pixel)
            for (int j = 0; j < patch; j++)
                for (int c = 0; c < 3; c++, target += 4) {
                    float v = Simd.get(source + 4L * ((c * patch + j) * patch + i));
                    if (bad < 0 && !Float.isFinite(v)) bad = x * patch + j;
                    Simd.set(target, clamp ? Math.max(-1, Math.min(1, v)) : v);
                }
        return bad;
    }
}
