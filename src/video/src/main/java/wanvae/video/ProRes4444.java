package wanvae.video;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jcodec.codecs.prores.Codebook;
import org.jcodec.codecs.prores.ProresConsts;
import org.jcodec.codecs.prores.ProresEncoder;
import org.jcodec.common.io.BitWriter;
import wanvae.frame.Frame;
import wanvae.video.picture.ColorMatrix;

/**
 * An encoder for Apple ProRes 4444 (SMPTE RDD 36): 4:4:4 with an alpha channel, every frame independent. Colours are
 * quantised alike at every frequency, about as finely as 10 bits; alpha has 16 bits and is lossless. Not safe for use
 * by several threads at once.
 */
final class ProRes4444 {
    /** Pixels along each side of a macroblock. */
    private static final int MB = 16;

    private static final int MOST_MBS_IN_A_SLICE = 8;
    private static final int LOG2_MOST_MBS = 3;
    /** The quantisation weight of every coefficient. Without matrices in the header all are 4. */
    private static final int MATRIX = 4;

    private static final int QUANTISER = 2;
    private static final int FRAME_HEADER = 20, PICTURE_HEADER = 8, SLICE_HEADER = 8;
    private static final int ALPHA_OF_16_BITS = 2;
    private static final int OPAQUE = 65535;
    /** An alpha value that differs from the one before by at most this takes 8 bits, any other 17. */
    private static final int SMALL_DIFFERENCE = 64;

    /** {@code cos((2x + 1) u pi / 16)} scaled to an orthonormal transform, {@code [u][x]}. */
    private static final float[] COSINES = new float[64];

    static {
        for (int u = 0; u < 8; u++)
            for (int x = 0; x < 8; x++)
                COSINES[8 * u + x] =
                        (float) (Math.cos((2 * x + 1) * u * Math.PI / 16) * Math.sqrt(u == 0 ? 1 / 8.0 : 1 / 4.0));
    }

    private final int height, width, rows, columns;
    private final ColorMatrix matrix;
    /** Y', Cb and Cr around 0 in units of 10 bits, and alpha, of whole macroblocks: the edge repeats. */
    private final float[][] planes;

    private final short[] alpha;
    private final ByteBuffer buffer;
    private final int[] levels = new int[MOST_MBS_IN_A_SLICE * MB * MB];
    private final float[] block = new float[64], transformed = new float[64];

    ProRes4444(int height, int width, ColorMatrix matrix) {
        this.height = height;
        this.width = width;
        this.matrix = matrix;
        rows = Math.ceilDiv(height, MB);
        columns = Math.ceilDiv(width, MB);
        int pixels = rows * columns * MB * MB;
        planes = new float[3][pixels];
        alpha = new short[pixels];
        // Even noise takes less than 2 bytes a sample at this quantiser.
        buffer = ByteBuffer.allocate(8 * pixels + 64 * rows * columns + 1024);
    }

    /** Codes a frame of RGBA. */
    byte[] encode(Frame frame) {
        convert(frame);
        buffer.clear();
        buffer.putInt(0).put(ascii("icpf"));
        buffer.putShort((short) FRAME_HEADER).putShort((short) 1).put(ascii("wnva"));
        buffer.putShort((short) width).putShort((short) height);
        buffer.put((byte) 0xc0).put((byte) 0); // 4:4:4, progressive
        buffer.put((byte) 1).put((byte) 1).put((byte) matrix.codePoint());
        buffer.put((byte) ALPHA_OF_16_BITS).put((byte) 0).put((byte) 0); // no matrices
        picture();
        buffer.putInt(0, buffer.position());
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    private void convert(Frame frame) {
        int stride = columns * MB;
        float red = (float) matrix.red(), green = (float) matrix.green(), blue = (float) matrix.blue();
        float toU = 448 / (1 - blue), toV = 448 / (1 - red);
        float[] row = new float[4 * width];
        for (int y = 0, at = 0; y < rows * MB; y++) {
            frame.row(Math.min(y, height - 1), row);
            for (int x = 0; x < stride; x++, at++) {
                int pixel = 4 * Math.min(x, width - 1);
                float r = unit(row[pixel]), g = unit(row[pixel + 1]), b = unit(row[pixel + 2]);
                float luma = red * r + green * g + blue * b;
                planes[0][at] = 64 - 512 + 876 * luma;
                planes[1][at] = toU * (b - luma);
                planes[2][at] = toV * (r - luma);
                alpha[at] = (short) Math.round(unit(row[pixel + 3]) * OPAQUE);
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static float unit(float x) {
        float unit = x * 0.5f + 0.5f;
        return unit > 0 ? Math.min(unit, 1) : 0;
    }

    /** Writes a picture in slices of at most 8 macroblocks. The rest of a row is divided into powers of two. */
    private void picture() {
        int start = buffer.position(), inRow = columns / MOST_MBS_IN_A_SLICE;
        inRow += Integer.bitCount(columns % MOST_MBS_IN_A_SLICE);
        int slices = rows * inRow;
        buffer.put((byte) (PICTURE_HEADER << 3))
                .putInt(0)
                .putShort((short) slices)
                .put((byte) (LOG2_MOST_MBS << 4));
        int sizes = buffer.position();
        buffer.position(sizes + 2 * slices);
        for (int y = 0; y < rows; y++)
            for (int x = 0, mbs = MOST_MBS_IN_A_SLICE; x < columns; x += mbs, sizes += 2) {
                while (mbs > columns - x) mbs /= 2;
                int from = buffer.position();
                slice(x, y, mbs);
                buffer.putShort(sizes, (short) (buffer.position() - from));
            }
        buffer.putInt(start + 1, buffer.position() - start);
    }

    private void slice(int x, int y, int mbs) {
        int start = buffer.position();
        buffer.put((byte) (SLICE_HEADER << 3)).put((byte) QUANTISER).position(start + SLICE_HEADER);
        for (int plane = 0; plane < 3; plane++) {
            int from = buffer.position();
            quantise(plane, x, y, mbs);
            BitWriter bits = new BitWriter(buffer);
            writeDc(bits, 4 * mbs);
            writeAc(bits, 4 * mbs);
            bits.flush();
            buffer.putShort(start + 2 + 2 * plane, (short) (buffer.position() - from));
        }
        writeAlpha(x, y, mbs);
    }

    /** The levels of a slice, block by block: of luma row by row in a macroblock, of chroma column by column. */
    private void quantise(int plane, int x, int y, int mbs) {
        int stride = columns * MB;
        for (int b = 0; b < 4 * mbs; b++) {
            int right = plane == 0 ? b & 1 : b >> 1 & 1, below = plane == 0 ? b >> 1 & 1 : b & 1;
            int corner = (y * MB + 8 * below) * stride + (x + b / 4) * MB + 8 * right;
            for (int i = 0; i < 64; i++) block[i] = planes[plane][corner + i / 8 * stride + i % 8];
            transform();
            // Coefficients are stored in quarters.
            for (int i = 0; i < 64; i++) levels[64 * b + i] = Math.round(transformed[i] * 4 / (MATRIX * QUANTISER));
        }
    }

    private void transform() {
        float[] rowsDone = new float[64];
        for (int row = 0; row < 8; row++)
            for (int u = 0; u < 8; u++) {
                float sum = 0;
                for (int x = 0; x < 8; x++) sum += block[8 * row + x] * COSINES[8 * u + x];
                rowsDone[8 * row + u] = sum;
            }
        for (int v = 0; v < 8; v++)
            for (int u = 0; u < 8; u++) {
                float sum = 0;
                for (int row = 0; row < 8; row++) sum += rowsDone[8 * row + u] * COSINES[8 * v + row];
                transformed[8 * v + u] = sum;
            }
    }

    /**
     * Writes the DC levels as differences from block to block. A difference of the same sign as the one before has an
     * even code.
     */
    private void writeDc(BitWriter bits, int blocks) {
        int before = levels[0], sign = 0, last = 5;
        ProresEncoder.writeCodeword(bits, ProresConsts.firstDCCodebook, folded(before));
        for (int b = 1; b < blocks; b++) {
            int difference = levels[64 * b] - before;
            int code = folded((difference ^ sign) - sign);
            ProresEncoder.writeCodeword(bits, last(ProresConsts.dcCodebooks, last), code);
            last = code;
            sign = difference >> 31;
            before = levels[64 * b];
        }
    }

    /** 0, -1, 1, -2 … as 0, 1, 2, 3 …. */
    private static int folded(int value) {
        return value << 1 ^ value >> 31;
    }

    /** Writes runs of zeros and the levels that follow them, one frequency after another through all blocks. */
    private void writeAc(BitWriter bits, int blocks) {
        int run = 0, lastRun = 4, lastLevel = 2;
        for (int i = 1; i < 64; i++)
            for (int b = 0; b < blocks; b++) {
                int level = levels[64 * b + ProresConsts.progressive_scan[i]];
                if (level == 0) {
                    run++;
                    continue;
                }
                int size = Math.abs(level);
                ProresEncoder.writeCodeword(bits, last(ProresConsts.runCodebooks, lastRun), run);
                ProresEncoder.writeCodeword(bits, last(ProresConsts.levCodebooks, lastLevel), size - 1);
                bits.write1Bit(level < 0 ? 1 : 0);
                lastRun = run;
                lastLevel = size;
                run = 0;
            }
    }

    private static Codebook last(Codebook[] codebooks, int value) {
        return codebooks[Math.min(value, codebooks.length - 1)];
    }

    /** Writes alpha as differences from pixel to pixel, row by row, each followed by the number of its repetitions. */
    private void writeAlpha(int x, int y, int mbs) {
        BitWriter bits = new BitWriter(buffer);
        int before = OPAQUE, run = -1;
        for (int row = 0; row < MB; row++)
            for (int column = 0; column < mbs * MB; column++) {
                int value = alpha[(y * MB + row) * columns * MB + x * MB + column] & OPAQUE;
                if (value == before && run >= 0) {
                    run++;
                    continue;
                }
                if (run >= 0) writeRun(bits, run);
                writeDifference(bits, value - before);
                before = value;
                run = 0;
            }
        writeRun(bits, run);
        bits.flush();
    }

    private static void writeDifference(BitWriter bits, int difference) {
        int wrapped = (short) difference; // modulo 2^16
        if (wrapped == 0 || Math.abs(wrapped) > SMALL_DIFFERENCE) {
            bits.write1Bit(1);
            bits.writeNBit(wrapped & OPAQUE, 16);
        } else {
            bits.write1Bit(0);
            bits.writeNBit(Math.abs(wrapped) - 1, 6);
            bits.write1Bit(wrapped < 0 ? 1 : 0);
        }
    }

    private static void writeRun(BitWriter bits, int run) {
        bits.write1Bit(run == 0 ? 1 : 0);
        if (run > 0) bits.writeNBit(run, run < 16 ? 4 : 15);
    }
}
