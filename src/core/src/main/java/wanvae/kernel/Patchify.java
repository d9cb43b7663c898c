package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/** Cuts pictures {@code [H][W][colours]} into patches, the input of an encoder's first convolution. */
public final class Patchify {
    private Patchify() {}

    /**
     * Fills one frame, or the window of it that {@code out} holds: {@code out[y][x][order(c, i, j)] = picture[y·p +
     * i][x·p + j][c] · scale + offset}.
     *
     * @param picture {@code [H·p][W·p][colours]} floats, the whole picture, native memory
     * @param patch   p
     * @param out     frames of {@code [H][W][colours · p · p]}
     * @param scale   1 with an offset of 0 leaves values as they are
     */
    public static void picture(
            Team team,
            MemorySegment picture,
            int patch,
            PatchOrder order,
            float scale,
            float offset,
            Frames out,
            int t) {
        Window window = out.window();
        int area = patch * patch, colours = out.channels() / area;
        long width = (long) window.pictureWidth() * patch;
        if (out.channels() % area != 0
                || !picture.isNative()
                || picture.byteSize() != 4L * out.channels() * window.pictureHeight() * window.pictureWidth())
            throw new IllegalArgumentException(picture.byteSize() + " bytes are no picture of " + window + " with "
                    + out.channels() + " channels, " + patch + "x" + patch + " pixels each");
        boolean asItIs = scale == 1 && offset == 0;
        team.run(out.height(), (row, worker) -> {
            long target = out.address(t) + row * out.rowBytes();
            for (int x = 0; x < out.width(); x++, target += 4L * out.stride()) {
                for (int i = 0; i < patch; i++) {
                    long first = (long) (window.y() + row) * patch + i;
                    long source = picture.address() + 4 * colours * (first * width + (long) (window.x() + x) * patch);
                    for (int j = 0; j < patch; j++)
                        for (int c = 0; c < colours; c++, source += 4) {
                            float v = Simd.get(source);
                            Simd.set(target + 4L * order.channel(c, i, j, patch), asItIs ? v : v * scale + offset);
                        }
                }
                for (int c = out.channels(); c < out.stride(); c++) Simd.set(target + 4L * c, 0);
            }
        });
    }
}
