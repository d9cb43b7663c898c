package wanvae.video.picture;

/**
 * Separable bicubic interpolation with R. Keys' kernel, a = -1/2 ("Cubic Convolution Interpolation for Digital Image
 * Processing", 1981). Beyond an edge the edge's sample repeats. Made for enlarging: there is no low-pass filter.
 */
final class Bicubic {
    private Bicubic() {}

    /**
     * @param plane      {@code [height][width]}
     * @param vertical   source rows for each target row; sample centres of both grids are at half-integer positions
     * @param horizontal source columns for each target column
     * @return {@code [newHeight][newWidth]}
     */
    static byte[] scale(
            byte[] plane, int height, int width, int newHeight, int newWidth, double vertical, double horizontal) {
        Taps columns = Taps.of(newWidth, width, horizontal);
        float[] wide = new float[height * newWidth];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < newWidth; x++) {
                float sum = 0;
                for (int k = 4 * x; k < 4 * x + 4; k++)
                    sum += columns.weight[k] * (plane[y * width + columns.index[k]] & 255);
                wide[y * newWidth + x] = sum;
            }
        Taps rows = Taps.of(newHeight, height, vertical);
        byte[] out = new byte[newHeight * newWidth];
        for (int y = 0; y < newHeight; y++)
            for (int x = 0; x < newWidth; x++) {
                float sum = 0.5f;
                for (int k = 4 * y; k < 4 * y + 4; k++) sum += rows.weight[k] * wide[rows.index[k] * newWidth + x];
                out[y * newWidth + x] = (byte) Math.clamp((int) Math.floor(sum), 0, 255);
            }
        return out;
    }

    /** The four source samples of each target sample and their weights. */
    private record Taps(int[] index, float[] weight) {
        static Taps of(int targets, int sources, double ratio) {
            int[] index = new int[4 * targets];
            float[] weight = new float[4 * targets];
            for (int i = 0; i < targets; i++) {
                double centre = (i + 0.5) * ratio - 0.5;
                int first = (int) Math.floor(centre) - 1;
                for (int k = 0; k < 4; k++) {
                    index[4 * i + k] = Math.clamp(first + k, 0, sources - 1);
                    weight[4 * i + k] = (float) keys(Math.abs(centre - first - k));
                }
            }
            return new Taps(index, weight);
        }

        private static double keys(double x) {
            if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
        }
    }
}
