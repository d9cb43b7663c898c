package wanvae.video.picture;

/**
 * Separable bicubic interpolation with R. Keys' kernel, a = -1/2 ("Cubic Convolution Interpolation for Digital Image
 * Processing", 1981). Beyond an edge its sample repeats. If a picture is reduced, the kernel is widened by the same
 * factor, so that fine detail does not alias into coarse patterns.
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
                for (int k = columns.first(x); k < columns.first(x + 1); k++)
                    sum += columns.weight[k] * (plane[y * width + columns.index[k]] & 255);
                wide[y * newWidth + x] = sum;
            }
        Taps rows = Taps.of(newHeight, height, vertical);
        byte[] out = new byte[newHeight * newWidth];
        for (int y = 0; y < newHeight; y++)
            for (int x = 0; x < newWidth; x++) {
                float sum = 0.5f;
                for (int k = rows.first(y); k < rows.first(y + 1); k++)
                    sum += rows.weight[k] * wide[rows.index[k] * newWidth + x];
                out[y * newWidth + x] = (byte) Math.clamp((int) Math.floor(sum), 0, 255);
            }
        return out;
    }

    /**
     * The source samples of each target sample and their weights.
     *
     * @param count of each target sample
     */
    record Taps(int count, int[] index, float[] weight) {
        static Taps of(int targets, int sources, double ratio) {
            double wide = Math.max(1, ratio);
            int count = 2 * (int) Math.ceil(2 * wide);
            int[] index = new int[count * targets];
            float[] weight = new float[count * targets];
            for (int i = 0; i < targets; i++) {
                double centre = (i + 0.5) * ratio - 0.5, sum = 0;
                int first = (int) Math.floor(centre) - count / 2 + 1;
                for (int k = 0; k < count; k++) sum += keys(Math.abs(centre - first - k) / wide);
                for (int k = 0; k < count; k++) {
                    index[count * i + k] = Math.clamp(first + k, 0, sources - 1);
                    double share = keys(Math.abs(centre - first - k) / wide);
                    weight[count * i + k] = (float) (wide == 1 ? share : share / sum);
                }
            }
            return new Taps(count, index, weight);
        }

        /** Where the taps of a target sample begin. */
        int first(int target) {
            return count * target;
        }

        private static double keys(double x) {
            if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
        }
    }
}
