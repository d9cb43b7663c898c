package wanvae.strategy;

import java.util.LinkedHashMap;
import java.util.Map;
import wanvae.latent.LatentShape;

/**
 * The tiles that diffusers lays over a picture (tiled_decode of AutoencoderKLWan and AutoencoderKLQwenImage). A tile
 * begins at every stride inside the picture; the picture's edge cuts what reaches beyond it. All sizes are latent
 * pixels.
 *
 * @param height       rows of the picture
 * @param width        columns of the picture
 * @param tileHeight   rows of a tile that is not cut
 * @param tileWidth    columns of a tile that is not cut
 * @param strideHeight rows from the top of a tile to that of the one below, at most {@code tileHeight}
 * @param strideWidth  columns from the left of a tile to that of the next one, at most {@code tileWidth}
 */
record TilePlan(int height, int width, int tileHeight, int tileWidth, int strideHeight, int strideWidth) {
    /** Whether the picture is larger than a tile. A smaller one is not tiled, even if strides would cut it. */
    boolean applies() {
        return height > tileHeight || width > tileWidth;
    }

    int rows() {
        return Math.ceilDiv(height, strideHeight);
    }

    int columns() {
        return Math.ceilDiv(width, strideWidth);
    }

    /** Number of tiles. */
    int count() {
        return rows() * columns();
    }

    /** The tile at this place. The first is the largest. */
    Tile tile(int row, int column) {
        int y = row * strideHeight, x = column * strideWidth;
        return new Tile(y, x, Math.min(tileHeight, height - y), Math.min(tileWidth, width - x));
    }

    /**
     * Rows that the tiles of this row share with the tiles above: the overlap, or less at the picture's edge. 0 for the
     * first row, and for the number of rows.
     */
    int sharedAbove(int row) {
        return shared(row, rows(), strideHeight, tileHeight, height);
    }

    /**
     * Columns that the tiles of this column share with the tiles at their left. 0 for the first column, and for the
     * number of columns.
     */
    int sharedLeft(int column) {
        return shared(column, columns(), strideWidth, tileWidth, width);
    }

    private static int shared(int index, int count, int stride, int tile, int picture) {
        return index == 0 || index == count ? 0 : Math.min(tile - stride, picture - index * stride);
    }

    /** The shapes of the tiles of one member, and how many tiles there are of each shape. */
    Map<LatentShape, Integer> shapes(LatentShape latents) {
        Map<LatentShape, Integer> shapes = new LinkedHashMap<>();
        for (int row = 0; row < rows(); row++)
            for (int column = 0; column < columns(); column++) {
                Tile tile = tile(row, column);
                shapes.merge(
                        new LatentShape(1, latents.channels(), latents.frames(), tile.height(), tile.width()),
                        1,
                        Integer::sum);
            }
        return shapes;
    }
}
