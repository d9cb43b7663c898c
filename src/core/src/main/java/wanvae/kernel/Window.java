package wanvae.kernel;

/**
 * A rectangle of a picture: where an activation lies in its picture, or which pixels of it are computed. All positions
 * are those of the whole picture, so that what is computed of a piece is computed as it would be in the whole.
 *
 * @param y             first row
 * @param x             first column
 * @param height        at least 1, as width
 * @param pictureHeight of the whole picture, as pictureWidth
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

    /** The first row below. */
    public int bottom() {
        return y + height;
    }

    /** The first column to the right. */
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

    /** With so many more rows above and below and columns left and right, as far as the picture goes. */
    public Window grown(int rows, int columns) {
        return between(y - rows, x - columns, bottom() + rows, right() + columns);
    }

    /** Grown to whole tiles of so many rows and columns, as far as the picture goes. */
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

    /** The same pixels in a picture enlarged twice. */
    public Window doubled() {
        return new Window(2 * y, 2 * x, 2 * height, 2 * width, 2 * pictureHeight, 2 * pictureWidth);
    }

    /** The pixels that make these when the picture is enlarged twice. */
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
