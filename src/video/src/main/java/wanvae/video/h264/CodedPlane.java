package wanvae.video.h264;

/** What is coded of a macroblock in a plane that is coded as luma is, its prediction and its reconstruction. */
final class CodedPlane {
    /** Levels in scan order: of 4x4 blocks in coding order; with Intra 16x16 from the second on. */
    final int[][] levels = new int[16][16];

    final int[][] levels8x8 = new int[4][64];
    final int[] dc = new int[16];
    /** Non-zero levels of the 4x4 blocks in coding order; of an 8x8 block, at all four. */
    final int[] count = new int[16];

    int dcCount;

    /** Predicted samples, and the reconstruction before deblocking. */
    final byte[] pred = new byte[256], recon = new byte[256];
}
