package wanvae.video.picture;

/** Pictures whose Y'CbCr takes all levels, 0 to 255. */
public final class FullRange {
    private FullRange() {}

    /** The RGB of planes in full range; each chroma sample serves its four pixels. */
    public static UnitPicture of(Yuv planes) {
        ColorMatrix matrix = planes.matrix();
        int height = planes.height(), width = planes.width();
        float red = (float) (2 * (1 - matrix.red())), blue = (float) (2 * (1 - matrix.blue()));
        float greenU = (float) (2 * (1 - matrix.blue()) * matrix.blue() / matrix.green());
        float greenV = (float) (2 * (1 - matrix.red()) * matrix.red() / matrix.green());
        float[] values = new float[3 * height * width];
        for (int y = 0, at = 0; y < height; y++)
            for (int x = 0; x < width; x++, at += 3) {
                int chroma = y / 2 * planes.chromaWidth() + x / 2;
                float luma = planes.y()[y * width + x] & 255;
                float cb = (planes.u()[chroma] & 255) - 128, cr = (planes.v()[chroma] & 255) - 128;
                values[at] = unit(luma + red * cr);
                values[at + 1] = unit(luma - greenU * cb - greenV * cr);
                values[at + 2] = unit(luma + blue * cb);
            }
        return new UnitPicture(height, width, values);
    }

    private static float unit(float level) {
        return Math.clamp(level, 0, 255) / 255;
    }
}
