package wanvae.video.picture;

import wanvae.frame.Frame;

/**
 * A picture of 8-bit Y'CbCr in limited range. 4:2:0 chroma lies between the four luma samples it belongs to, as a 2x2 box
 * gives it.
 *
 * @param matrix that made it from RGB
 * @param y      {@code [H][W]}
 * @param u      Cb, {@code [(H + 1) / 2][(W + 1) / 2]} in 4:2:0, {@code [H][W]} in 4:4:4
 * @param v      Cr, as u
 */
public record Yuv(int height, int width, ColorMatrix matrix, Chroma chroma, byte[] y, byte[] u, byte[] v)
        implements Picture {
    /** Bits behind the point of the fixed-point conversions. */
    private static final int BITS = 15;

    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public Yuv {
        long size = (long) chroma.size(height) * chroma.size(width);
        if (height < 1 || width < 1 || y.length != (long) height * width || u.length != size || v.length != size)
            throw new IllegalArgumentException("a " + chroma + " picture of " + height + "x" + width
                    + " needs planes of " + (long) height * width + ", " + size + " and " + size + " bytes, not "
                    + y.length + ", " + u.length + " and " + v.length);
    }

    /** Rows of u and v. */
    public int chromaHeight() {
        return chroma.size(height);
    }

    /** Columns of u and v. */
    public int chromaWidth() {
        return chroma.size(width);
    }

    /**
     * Converts RGB by the formulas of BT.601 and BT.709, section 3. A chroma sample of 4:2:0 is the mean of 2x2 pixels;
     * the last row and column of an odd size count twice.
     */
    public static Yuv of(Rgb rgb, ColorMatrix matrix, Chroma chroma) {
        int height = rgb.height();
        int width = rgb.width();
        int chromaHeight = chroma.size(height);
        int chromaWidth = chroma.size(width);
        int step = chroma.step();
        byte[] in = rgb.bytes();
        byte[] y = new byte[height * width];
        int red = fixed(matrix.red() * 219 / 255);
        int blue = fixed(matrix.blue() * 219 / 255);
        int green = fixed(219.0 / 255) - red - blue;
        for (int i = 0; i < y.length; i++)
            y[i] = (byte) (red * (in[3 * i] & 255)
                            + green * (in[3 * i + 1] & 255)
                            + blue * (in[3 * i + 2] & 255)
                            + (33 << (BITS - 1))
                    >> BITS);

        byte[] u = new byte[chromaHeight * chromaWidth];
        byte[] v = new byte[chromaHeight * chromaWidth];
        int half = fixed(112.0 / 255);
        int uRed = -fixed(112.0 / 255 * matrix.red() / (1 - matrix.blue()));
        int vBlue = -fixed(112.0 / 255 * matrix.blue() / (1 - matrix.red()));
        // In 4:4:4 the four pixels are one and the same.
        for (int cy = 0, at = 0; cy < chromaHeight; cy++) {
            int top = step * cy * width;
            int bottom = Math.min(step * cy + step - 1, height - 1) * width;
            for (int cx = 0; cx < chromaWidth; cx++, at++) {
                int left = step * cx;
                int right = Math.min(left + step - 1, width - 1);
                int a = 3 * (top + left);
                int b = 3 * (top + right);
                int c = 3 * (bottom + left);
                int d = 3 * (bottom + right);
                int r = (in[a] & 255) + (in[b] & 255) + (in[c] & 255) + (in[d] & 255);
                int g = (in[a + 1] & 255) + (in[b + 1] & 255) + (in[c + 1] & 255) + (in[d + 1] & 255);
                int bl = (in[a + 2] & 255) + (in[b + 2] & 255) + (in[c + 2] & 255) + (in[d + 2] & 255);
                // The weights of each chroma sum to zero, so that grey has none.
                u[at] = (byte) (uRed * r - (uRed + half) * g + half * bl + (257 << (BITS + 1)) >> BITS + 2);
                v[at] = (byte) (half * r - (vBlue + half) * g + vBlue * bl + (257 << (BITS + 1)) >> BITS + 2);
            }
        }
        return new Yuv(height, width, matrix, chroma, y, u, v);
    }

    private static int fixed(double x) {
        return (int) Math.round(x * (1 << BITS));
    }

    @Override
    public Yuv toYuv(ColorMatrix target, Chroma wanted) {
        return target == matrix && wanted == chroma ? this : Picture.super.toYuv(target, wanted);
    }

    /** Each chroma sample serves all of its pixels. */
    @Override
    public Rgb toRgb(Quantization quantization) {
        byte[] out = new byte[3 * height * width];
        int step = chroma.step();
        int luma = fixed(255.0 / 219);
        int red = fixed(2 * (1 - matrix.red()) * 255 / 224);
        int blue = fixed(2 * (1 - matrix.blue()) * 255 / 224);
        int greenU = fixed(2 * (1 - matrix.blue()) * matrix.blue() / matrix.green() * 255 / 224);
        int greenV = fixed(2 * (1 - matrix.red()) * matrix.red() / matrix.green() * 255 / 224);
        for (int row = 0, at = 0; row < height; row++) {
            for (int column = 0; column < width; column++, at += 3) {
                int sample = (row / step) * chromaWidth() + column / step;
                int l = luma * ((y[row * width + column] & 255) - 16) + (1 << (BITS - 1));
                int cb = (u[sample] & 255) - 128;
                int cr = (v[sample] & 255) - 128;
                out[at] = clamp(l + red * cr >> BITS);
                out[at + 1] = clamp(l - greenU * cb - greenV * cr >> BITS);
                out[at + 2] = clamp(l + blue * cb >> BITS);
            }
        }
        return new Rgb(height, width, out);
    }

    private static byte clamp(int level) {
        return (byte) Math.clamp(level, 0, 255);
    }

    @Override
    public Frame toFrame() {
        return toRgb(Quantization.ROUND).toFrame();
    }

    /** This picture at another size, each plane resampled by {@link Bicubic}. */
    public Yuv scaledTo(int newHeight, int newWidth) {
        if (newHeight == height && newWidth == width) return this;
        // The chroma grid is scaled by the ratio of the luma sizes, not of its own rounded sizes, so that chroma keeps
        // its place between luma samples.
        double vertical = (double) height / newHeight;
        double horizontal = (double) width / newWidth;
        int newChromaHeight = chroma.size(newHeight);
        int newChromaWidth = chroma.size(newWidth);
        return new Yuv(
                newHeight,
                newWidth,
                matrix,
                chroma,
                Bicubic.scale(y, height, width, newHeight, newWidth, vertical, horizontal),
                Bicubic.scale(u, chromaHeight(), chromaWidth(), newChromaHeight, newChromaWidth, vertical, horizontal),
                Bicubic.scale(v, chromaHeight(), chromaWidth(), newChromaHeight, newChromaWidth, vertical, horizontal));
    }
}
