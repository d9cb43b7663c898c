package wanvae.strategy;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import wanvae.config.VaeConfig;
import wanvae.runtime.Team;

/**
 * Blends tiles to pictures as diffusers does. A tile's first rows are mixed with the last rows of the tile above, then
 * its first columns with the last columns of the tile at its left, both of them as they were after their own mixing.
 * Then the part of the tile that is one stride high and wide becomes part of the picture. Tiles come row by row from
 * the left; one frame may be some tiles ahead of another.
 *
 * <p>The canvas holds what later tiles need of earlier ones. That is, for each frame, the picture; for each column of
 * tiles, the rows that its last tile shares with the tile below; and the columns that the last tile shares with the
 * next one.
 */
final class TileCanvas {
    private final TilePlan plan;
    private final int scale, patch;
    private final MemorySegment memory;

    /** @param memory {@link #bytes} of memory, the caller's */
    TileCanvas(TilePlan plan, VaeConfig config, MemorySegment memory) {
        this.plan = plan;
        this.scale = config.spatialScale();
        this.patch = config.patchSize();
        this.memory = memory;
    }

    /** Bytes of a canvas for this many frames. */
    static long bytes(TilePlan plan, VaeConfig config, int frames) {
        return frames * frameBytes(plan, config.spatialScale());
    }

    private static long pixelBytes(int height, int width, int scale) {
        return 12L * height * width * scale * scale;
    }

    /** Rows that the tile of a column shares with the one below. */
    private static long sharedRowsBytes(TilePlan plan, int scale) {
        return pixelBytes(plan.sharedAbove(1), plan.tile(0, 0).width(), scale);
    }

    private static long frameBytes(TilePlan plan, int scale) {
        return pixelBytes(plan.height(), plan.width(), scale)
                + plan.columns() * sharedRowsBytes(plan, scale)
                + pixelBytes(plan.tile(0, 0).height(), plan.sharedLeft(1), scale);
    }

    /**
     * Adds a tile to a frame.
     *
     * @param pixels {@code [H][W][3]} of the tile; blended in place
     */
    void add(Team team, int frame, int row, int column, MemorySegment pixels) {
        Tile tile = plan.tile(row, column);
        int height = tile.height() * scale, width = tile.width() * scale;
        int above = plan.sharedAbove(row) * scale, left = plan.sharedLeft(column) * scale;
        int below = plan.sharedAbove(row + 1) * scale, right = plan.sharedLeft(column + 1) * scale;
        int keptRows = Math.min(height, plan.strideHeight() * scale),
                keptColumns = Math.min(width, plan.strideWidth() * scale);
        long start = frame * frameBytes(plan, scale),
                rowBytes = 12L * width,
                pictureRowBytes = 12L * plan.width() * scale;
        long sharedRows =
                start + pixelBytes(plan.height(), plan.width(), scale) + column * sharedRowsBytes(plan, scale);
        long sharedColumns =
                start + frameBytes(plan, scale) - pixelBytes(plan.tile(0, 0).height(), plan.sharedLeft(1), scale);
        long target = start + tile.y() * scale * pictureRowBytes + 12L * tile.x() * scale;
        team.run(height, (y, worker) -> {
            if (y < above) mix(pixels, y * rowBytes, sharedRows + y * rowBytes, 3 * width, weight(y, above));
            for (int x = 0; x < left; x++)
                mix(pixels, y * rowBytes + 12L * x, sharedColumns + 12L * ((long) y * left + x), 3, weight(x, left));
        });
        // Only when every row is mixed: what this tile shares takes the place of what it was mixed with.
        team.run(height, (y, worker) -> {
            if (y < keptRows)
                MemorySegment.copy(pixels, y * rowBytes, memory, target + y * pictureRowBytes, 12L * keptColumns);
            else if (y - keptRows < below)
                MemorySegment.copy(pixels, y * rowBytes, memory, sharedRows + (y - keptRows) * rowBytes, rowBytes);
            MemorySegment.copy(
                    pixels, y * rowBytes + 12L * keptColumns, memory, sharedColumns + 12L * y * right, 12L * right);
        });
    }

    /** Weight of the new tile. Wan 2.2 is blended before unpatchify, so all pixels of a patch have the same weight. */
    private double weight(int position, int shared) {
        return (double) (position / patch) / (shared / patch);
    }

    private void mix(MemorySegment pixels, long at, long earlier, int count, double weight) {
        float old = (float) (1 - weight), mine = (float) weight;
        for (int i = 0; i < count; i++) {
            float mixed = memory.get(JAVA_FLOAT_UNALIGNED, earlier + 4L * i) * old
                    + pixels.get(JAVA_FLOAT_UNALIGNED, at + 4L * i) * mine;
            pixels.set(JAVA_FLOAT_UNALIGNED, at + 4L * i, mixed);
        }
    }

    /**
     * A finished frame, {@code [H][W][3]}, in the canvas's memory.
     *
     * @param clamp whether to clamp it to [-1, 1] in place; NaN stays NaN
     */
    MemorySegment picture(Team team, int frame, boolean clamp) {
        MemorySegment picture =
                memory.asSlice(frame * frameBytes(plan, scale), pixelBytes(plan.height(), plan.width(), scale));
        int width = 3 * plan.width() * scale;
        if (clamp)
            team.run(plan.height() * scale, (y, worker) -> {
                for (long i = (long) y * width; i < (y + 1L) * width; i++)
                    picture.setAtIndex(
                            JAVA_FLOAT_UNALIGNED, i, Math.clamp(picture.getAtIndex(JAVA_FLOAT_UNALIGNED, i), -1f, 1f));
            });
        return picture;
    }
}
