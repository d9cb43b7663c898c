package wanvae.video.h264;

/** What is coded of a macroblock's Cb and Cr in 4:2:0, their prediction and their reconstruction. */
final class CodedChroma {
    /** {@code [plane][block]}. */
    final int[][] dc = new int[2][4];
    /** {@code [4 * plane + block]}, from the second level on. */
    final int[][] ac = new int[8][16];
    /** Non-zero levels. */
    final int[] dcCount = new int[2], acCount = new int[8];

    /** {@code [plane]}: predicted samples, and the reconstruction before deblocking. */
    final byte[][] pred = new byte[2][64], recon = new byte[2][64];

    /** Sum of squared differences of {@link #recon} to the source. */
    int distortion;

    void copy(CodedChroma other) {
        for (int plane = 0; plane < 2; plane++) {
            System.arraycopy(other.dc[plane], 0, dc[plane], 0, 4);
            System.arraycopy(other.recon[plane], 0, recon[plane], 0, 64);
        }
        for (int k = 0; k < 8; k++) System.arraycopy(other.ac[k], 0, ac[k], 0, 16);
        System.arraycopy(other.dcCount, 0, dcCount, 0, 2);
        System.arraycopy(other.acCount, 0, acCount, 0, 8);
        distortion = other.distortion;
    }
}
