package wanvae.video.h264;

import java.util.Arrays;

/** A frame to encode, its planes extended to whole macroblocks by repeating the last row and column. */
final class SourcePicture {
    final int number;
    /** {@code [16 * heightInMbs][16 * widthInMbs]}. */
    final byte[] y;
    /** {@code [8 * heightInMbs][8 * widthInMbs]}. */
    final byte[] u;

    final byte[] v;

    final Analysis analysis;

    /** @param previous the picture before, or null */
    SourcePicture(YuvFrame frame, int number, SourcePicture previous) {
        this.number = number;
        int mbWidth = (frame.width() + 15) / 16, mbHeight = (frame.height() + 15) / 16;
        y = extend(frame.y(), frame.width(), frame.height(), 16 * mbWidth, 16 * mbHeight);
        u = extend(frame.u(), frame.chromaWidth(), frame.chromaHeight(), 8 * mbWidth, 8 * mbHeight);
        v = extend(frame.v(), frame.chromaWidth(), frame.chromaHeight(), 8 * mbWidth, 8 * mbHeight);
        analysis = new Analysis(this, mbWidth, mbHeight, previous == null ? null : previous.analysis);
    }

    private static byte[] extend(byte[] plane, int width, int height, int toWidth, int toHeight) {
        byte[] out = new byte[toWidth * toHeight];
        for (int row = 0; row < toHeight; row++) {
            int from = Math.min(row, height - 1) * width, to = row * toWidth;
            System.arraycopy(plane, from, out, to, width);
            Arrays.fill(out, to + width, to + toWidth, plane[from + width - 1]);
        }
        return out;
    }
}
