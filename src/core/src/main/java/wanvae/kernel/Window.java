package wanvae.kernel;

/**
 * A rectangle of a picture: where an activation lies in its picture, or which pixels of it are computed. All positions
 * are those of the whole picture, so a piece is computed with the same results as the whole.
 *
 * @param y             first row
 * @param x             first column
 * @param height        rows, at least 1
 * @param width         columns, at least 1
 * @param pictureHeight rows of the whole picture
 * @param pictureWidth  columns of the whole picture
 */
public record Window(int y, int x, int height, int width, int pictureHeight, int pictureWidth) {
    public Window {
        if (height < 1 || width < 1) throw new IllegalArgumentException("empty window " + height + "x" + width);
        if (y < 0 || x < 0 || y > pictureHeight - height || x > pictureWidth - width)
            throw new IllegalArgumentException("window " + height + "x" + width + " at " + y + ", " + x
                    + " in a picture of " + pictureHeight + "x" + pictureWidth);
    }

    /** The whole of a picture. */
    public static Window whole(int height, int width) {
        return new Window(0, 0, height, width, height, width);
    }

    /**
     * From row {@code top} and column {@code left} (inclusive) to {@code bottom} and {@code right} (exclusive) of the
     * same picture, cut at its edges.
     */
    private Window between(int top, int left, int bottom, int right) {
        int a = Math.max(0, top), b = Math.max(0, left);
        return new Window(
                a,
                b,
                Math.min(pictureHeight, bottom) - a,
                Math.min(pictureWidth, right) - b,
                pictureHeight,
                pictureWidth);
    }

    /** The row after the last one. */
    public int bottom() {
        return y + height;
    }

    /** The column after the last one. */
    public int right() {
        return x + width;
    }

    public boolean contains(Window other) {
        return pictureHeight == other.pictureHeight
                && pictureWidth == other.pictureWidth
                && y <= other.y
                && x <= other.x
                && bottom() >= other.bottom()
                && right() >= other.right();
    }

    /** Enlarged by this number of rows above and below and of columns left and right, as far as the picture goes. */
    public Window grown(int rows, int columns) {
        return between(y - rows, x - columns, bottom() + rows, right() + columns);
    }

    /** Enlarged to whole tiles of this height and width, as far as the picture goes. */
    public Window tiled(int height, int width) {
        return between(
                y / height * height,
                x / width * width,
                Math.ceilDiv(bottom(), height) * height,
                Math.ceilDiv(right(), width) * width);
    }

    /** The smallest window that contains both. */
    public Window union(Window other) {
        return between(
                Math.min(y, other.y),
                Math.min(x, other.x),
                Math.max(bottom(), other.bottom()),
                Math.max(right(), other.right()));
    }

    /** The rows from {@code top} on. */
    public Window from(int top) {
        return between(top, x, bottom(), right());
    }

    /** The rows above {@code bottom}. */
    public Window above(int bottom) {
        return between(y, x, bottom, right());
    }

    /** The same pixels in a picture enlarged by 2. */
    public Window doubled() {
        return new Window(2 * y, 2 * x, 2 * height, 2 * width, 2 * pictureHeight, 2 * pictureWidth);
    }

    /** The pixels that become these when the picture is enlarged by 2. */
    public Window halved() {
        return new Window(
                y / 2,
                x / 2,
                (bottom() + 1) / 2 - y / 2,
                (right() + 1) / 2 - x / 2,
                pictureHeight / 2,
                pictureWidth / 2);
    }
}
