package wanvae.video.picture;

/** The choice of a {@link ColorMatrix}, the option {@code --color}. */
public enum Color {
    /** BT.601 under 720 lines, BT.709 from there on, as players assume if a file does not say. */
    AUTO,
    /** BT.601, whatever the size. */
    BT601,
    /** BT.709, whatever the size. */
    BT709;

    /** The matrix for pictures of this height. */
    public ColorMatrix matrix(int height) {
        return switch (this) {
            case AUTO -> height < 720 ? ColorMatrix.BT601 : ColorMatrix.BT709;
            case BT601 -> ColorMatrix.BT601;
            case BT709 -> ColorMatrix.BT709;
        };
    }
}
