package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.kernel.Frames;
import wanvae.kernel.Simd;
import wanvae.kernel.Team;

/** From conv_out's channels to pictures: unpatchify, clamp, {@code [H][W][3]}. */
final class Samples {
    private Samples() {}

    /**
     * One frame, or the window of it that is there: {@code picture[y·p + i][x·p + j][c] = out[y][x][(c·p + j)·p + i]} (diffusers' unpatchify).
     *
     * @param patch   p: 1, or 2 for Wan 2.2
     * @param clamp   to [-1, 1]; NaN stays NaN
     * @param picture {@code [H·p][W·p][3]} floats, the whole picture
     * @return position {@code (y · W·p + x)} in the picture of the first value that is not finite, or -1
     */
    static long picture(Team team, Frames out, int t, int patch, boolean clamp, MemorySegment picture) {
        long[] firstOfRow = new long[out.height() * patch];
        team.run(firstOfRow.length, (y, worker) -> firstOfRow[y] = row(out, t, patch, clamp, picture, y));
        for (long first : firstOfRow) if (first >= 0) return first;
        return -1;
    }

    /** Row y of the window. */
    private static long row(Frames out, int t, int patch, boolean clamp, MemorySegment picture, int y) {
        MemorySegment source = out.frames()[t];
        long bad = -1, stride = Simd.padded(out.channels());
        long first = (out.window().y() * patch + y) * (long) out.window().pictureWidth() * patch + out.window().x() * patch;
        for (int x = 0; x < out.width() * patch; x++) {
            long pixel = ((long) (y / patch) * out.width() + x / patch) * stride;
            long target = 3 * (first + x);
            for (int c = 0; c < 3; c++) {
                float v = source.getAtIndex(ValueLayout.JAVA_FLOAT, pixel + (c * patch + x % patch) * patch + y % patch);
                if (bad < 0 && !Float.isFinite(v)) bad = first + x;
                picture.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, target + c, clamp ? Math.max(-1, Math.min(1, v)) : v);
            }
        }
        return bad;
    }
}
