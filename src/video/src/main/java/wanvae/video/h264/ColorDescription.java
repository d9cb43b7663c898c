package wanvae.video.h264;

/**
 * The color description of a stream by the code points of ITU-T H.273, as the VUI and a {@code colr nclx} box carry
 * them. Samples are always limited range.
 *
 * @param primaries colour_primaries
 * @param transfer  transfer_characteristics
 * @param matrix    matrix_coefficients
 */
public record ColorDescription(int primaries, int transfer, int matrix) {
    /** BT.601's matrix with BT.709's primaries and transfer: what imageio's ffmpeg makes of RGB below 720 lines. */
    public static final ColorDescription BT601 = new ColorDescription(1, 1, 6);

    public static final ColorDescription BT709 = new ColorDescription(1, 1, 1);

    public ColorDescription {
        if (primaries < 1 || primaries > 255 || transfer < 1 || transfer > 255 || matrix < 0 || matrix > 255)
            throw new IllegalArgumentException(
                    "color code points are 1 to 255, not " + primaries + ", " + transfer + ", " + matrix);
    }
}
