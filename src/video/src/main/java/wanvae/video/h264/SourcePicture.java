package wanvae.video.h264;

import java.util.Arrays;

/** A frame to encode, its planes extended to whole macroblocks by repeating the last row and column. */
final class SourcePicture {
    final int number;
    final ChromaFormat format;
    /** Y, Cb and Cr: {@code [16 * heightInMbs][16 * widthInMbs]}, in 4:2:0 half of that for Cb and Cr. */
    final byte[][] planes;
    /** The first of {@link #planes}. */
    final byte[] y;

    final Analysis analysis;
    /** Whether a group of pictures starts here. */
    boolean startsGroup;
    /** Costs as the kind of picture it has become; null of IDR pictures. */
    HalfCost cost;
    /** Quantiser offset of each macroblock. */
    float[] offsets;

    SourcePicture(YuvFrame frame, int number) {
        this.number = number;
        format = frame.format();
        int mbWidth = (frame.width() + 15) / 16, mbHeight = (frame.height() + 15) / 16;
        int chroma = 16 / format.step, chromaWidth = frame.chromaWidth(), chromaHeight = frame.chromaHeight();
        planes = new byte[][] {
            extend(frame.y(), frame.width(), frame.height(), 16 * mbWidth, 16 * mbHeight),
            extend(frame.u(), chromaWidth, chromaHeight, chroma * mbWidth, chroma * mbHeight),
            extend(frame.v(), chromaWidth, chromaHeight, chroma * mbWidth, chroma * mbHeight)
        };
        y = planes[0];
        analysis = new Analysis(this, mbWidth, mbHeight);
    }

    /** The {@link #planes} that are coded as luma is. */
    byte[][] likeLuma() {
        return Arrays.copyOf(planes, format.likeLuma);
    }

    /** What is left to be coded of it as the kind of picture it has become, in transformed differences at half size. */
    double complexity() {
        return cost != null ? cost.sum : HalfCost.sum(analysis.intraCost, analysis.width, analysis.height);
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
