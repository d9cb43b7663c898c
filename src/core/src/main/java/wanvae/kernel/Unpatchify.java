package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/** Turns the channels of the last convolution into pictures {@code [H][W][colours]}: unpatchify, scale, clamp. */
public final class Unpatchify {
    private Unpatchify() {}

    /**
     * Takes one frame, or the window of it that {@code out} holds: {@code picture[y·p + i][x·p + j][c] =
     * out[y][x][order(c, i, j)] · scale + offset}.
     *
     * @param colours 3, or 4 with alpha
     * @param patch   p: 1, or 2 for Wan 2.2
     * @param scale   1 with an offset of 0 leaves values as they are
     * @param clamp   to [-1, 1]; NaN stays NaN
     * @param picture {@code [H·p][W·p][colours]} floats, the whole picture, native memory
     * @return position {@code (y · W·p + x)} in the picture of the first value that is not finite, or -1
     */
    public static long picture(
            Team team,
            Frames out,
            int t,
            int colours,
            int patch,
            PatchOrder order,
            float scale,
            float offset,
            boolean clamp,
            MemorySegment picture) {
        Window window = out.window();
        if (out.channels() != colours * patch * patch
                || !picture.isNative()
                || picture.byteSize() < 4L * out.channels() * window.pictureHeight() * window.pictureWidth())
            throw new IllegalArgumentException(picture.byteSize() + " bytes cannot take a picture of " + window
                    + " with " + out.channels() + " channels, " + patch + "x" + patch + " pixels each");
        long[] firstOfRow = new long[out.height() * patch];
        team.run(firstOfRow.length, (row, worker) -> {
            long first = (window.y() * patch + row) * (long) window.pictureWidth() * patch + window.x() * patch;
            // Where each value of a patch's row lies in a pixel.
            long[] places = new long[patch * colours];
            for (int i = 0; i < places.length; i++)
                places[i] = 4L * order.channel(i % colours, row % patch, i / colours, patch);
            int bad = row(
                    out.address(t) + row / patch * out.rowBytes(),
                    4L * out.stride(),
                    out.width(),
                    places,
                    scale,
                    offset,
                    clamp,
                    picture.address() + 4 * colours * first);
            firstOfRow[row] = bad < 0 ? -1 : first + bad / colours;
        });
        for (long first : firstOfRow) if (first >= 0) return first;
        return -1;
    }

    /**
     * A row of values from a row of pixels.
     *
     * @param places where a pixel's values lie in it, bytes
     * @return the number of the first value that is not finite, or -1
     */
    static int row(
            long source, long pixel, int width, long[] places, float scale, float offset, boolean clamp, long target) {
        int bad = -1;
        boolean asItIs = scale == 1 && offset == 0;
        for (int x = 0; x < width; x++, source += pixel)
            for (int i = 0; i < places.length; i++, target += 4) {
                float v = Simd.get(source + places[i]);
                if (bad < 0 && !Float.isFinite(v)) bad = x * places.length + i;
                if (!asItIs) v = v * scale + offset;
                Simd.set(target, clamp ? Math.max(-1, Math.min(1, v)) : v);
            }
        return bad;
    }
}
