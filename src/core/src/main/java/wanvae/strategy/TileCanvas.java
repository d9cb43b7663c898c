package wanvae.strategy;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import wanvae.config.VaeConfig;
import wanvae.runtime.Team;

/**
 * Blends tiles into pictures as diffusers does. A tile's first rows are mixed with the last rows of the tile above,
 * then its first columns with the last columns of the tile at its left, both of them as they were after their own
 * mixing. Then the part of the tile that is one stride high and wide becomes part of the picture. Tiles come row by row
 * from the left; one frame may be some tiles ahead of another.
 *
 * <p>The canvas holds what later tiles need of earlier ones. That is, for each frame, the picture; for each column of
 * tiles, the rows that its last tile shares with the tile below; and the columns that the last tile shares with the
 * next one.
 */
final class TileCanvas {
    /**
     * What the pictures consist of.
     *
     * @param scale    pixels of the picture along each side of a latent pixel
     * @param patch    pixels along each side of a patch, all of which are mixed with the same weight
     * @param channels channels of a pixel
     */
    record Pixels(int scale, int patch, int channels) {
        /** Those of a decoded picture. */
        static Pixels of(VaeConfig config) {
            return new Pixels(config.spatialScale(), config.patchSize(), config.imageChannels());
        }

        /** Bytes of a rectangle of latent pixels. */
        private long bytes(int height, int width) {
            return 4L * channels * height * width * scale * scale;
        }
    }

    private final TilePlan plan;
    private final Pixels pixels;
    private final int scale, patch, channels;
    private final MemorySegment memory;

    /** @param memory {@link #bytes} of memory; owned by the caller */
    TileCanvas(TilePlan plan, Pixels pixels, MemorySegment memory) {
        this.plan = plan;
        this.pixels = pixels;
        this.scale = pixels.scale;
        this.patch = pixels.patch;
        this.channels = pixels.channels;
        this.memory = memory;
    }

    /** Bytes of a canvas for this many frames. */
    static long bytes(TilePlan plan, Pixels pixels, int frames) {
        return frames * frameBytes(plan, pixels);
    }

    /** Rows that the tile of a column shares with the one below. */
    private static long sharedRowsBytes(TilePlan plan, Pixels pixels) {
        return pixels.bytes(plan.sharedAbove(1), plan.tile(0, 0).width());
    }

    private static long frameBytes(TilePlan plan, Pixels pixels) {
        return pixels.bytes(plan.height(), plan.width())
                + plan.columns() * sharedRowsBytes(plan, pixels)
                + pixels.bytes(plan.tile(0, 0).height(), plan.sharedLeft(1));
    }

    /**
     * Adds a tile to a frame.
     *
     * @param values {@code [H][W][C]} of the tile; blended in place
     */
    void add(Team team, int frame, int row, int column, MemorySegment values) {
        Tile tile = plan.tile(row, column);
        int height = tile.height() * scale, width = tile.width() * scale;
        int above = plan.sharedAbove(row) * scale, left = plan.sharedLeft(column) * scale;
        int below = plan.sharedAbove(row + 1) * scale, right = plan.sharedLeft(column + 1) * scale;
        int keptRows = Math.min(height, plan.strideHeight() * scale),
                keptColumns = Math.min(width, plan.strideWidth() * scale);
        long pixel = 4L * channels,
                start = frame * frameBytes(plan, pixels),
                rowBytes = pixel * width,
                pictureRowBytes = pixel * plan.width() * scale;
        long sharedRows = start + pixels.bytes(plan.height(), plan.width()) + column * sharedRowsBytes(plan, pixels);
        long sharedColumns =
                start + frameBytes(plan, pixels) - pixels.bytes(plan.tile(0, 0).height(), plan.sharedLeft(1));
        long target = start + tile.y() * scale * pictureRowBytes + pixel * tile.x() * scale;
        team.run(height, (y, worker) -> {
            if (y < above) mix(values, y * rowBytes, sharedRows + y * rowBytes, channels * width, weight(y, above));
            for (int x = 0; x < left; x++)
                mix(
                        values,
                        y * rowBytes + pixel * x,
                        sharedColumns + pixel * ((long) y * left + x),
                        channels,
                        weight(x, left));
        });
        // Every row must be mixed before this: what this tile shares overwrites what it was mixed with.
        team.run(height, (y, worker) -> {
            if (y < keptRows)
                MemorySegment.copy(values, y * rowBytes, memory, target + y * pictureRowBytes, pixel * keptColumns);
            else if (y - keptRows < below)
                MemorySegment.copy(values, y * rowBytes, memory, sharedRows + (y - keptRows) * rowBytes, rowBytes);
            MemorySegment.copy(
                    values,
                    y * rowBytes + pixel * keptColumns,
                    memory,
                    sharedColumns + pixel * y * right,
                    pixel * right);
        });
    }

    /** Weight of the new tile. Wan 2.2 is blended before unpatchify, so all pixels of a patch have the same weight. */
    private double weight(int position, int shared) {
        return (double) (position / patch) / (shared / patch);
    }

    private void mix(MemorySegment values, long at, long earlier, int count, double weight) {
        float old = (float) (1 - weight), mine = (float) weight;
        for (int i = 0; i < count; i++) {
            float mixed = memory.get(JAVA_FLOAT_UNALIGNED, earlier + 4L * i) * old
                    + values.get(JAVA_FLOAT_UNALIGNED, at + 4L * i) * mine;
            values.set(JAVA_FLOAT_UNALIGNED, at + 4L * i, mixed);
        }
    }

    /**
     * A finished frame, {@code [H][W][C]}, in the canvas's memory.
     *
     * @param clamp whether to clamp it to [-1, 1] in place; NaN stays NaN
     */
    MemorySegment picture(Team team, int frame, boolean clamp) {
        MemorySegment picture =
                memory.asSlice(frame * frameBytes(plan, pixels), pixels.bytes(plan.height(), plan.width()));
        int width = channels * plan.width() * scale;
        if (clamp)
            team.run(plan.height() * scale, (y, worker) -> {
                for (long i = (long) y * width; i < (y + 1L) * width; i++)
                    picture.setAtIndex(
                            JAVA_FLOAT_UNALIGNED, i, Math.clamp(picture.getAtIndex(JAVA_FLOAT_UNALIGNED, i), -1f, 1f));
            });
        return picture;
    }
}
