package wanvae.video.image;

import java.awt.image.IndexColorModel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import wanvae.video.picture.Rgb;

/**
 * Up to 255 colours for a clip, and pictures drawn with them; the 256th entry is {@link #UNCHANGED}. The colours are
 * found by median cut (P. Heckbert, "Color Image Quantization for Frame Buffer Display", 1982) over a histogram of 5
 * bits a channel, always splitting the box with the largest squared error; pictures are dithered as R. Floyd and L.
 * Steinberg do ("An Adaptive Algorithm for Spatial Grey Scale", 1976).
 */
public final class Palette {
    /** The entry that shows what the frame before shows. */
    public static final int UNCHANGED = 255;

    private static final int COLORS = UNCHANGED;
    private final byte[][] channels;
    private final int size;
    /** For each colour of 6 bits a channel the nearest entry, plus one; 0 if it has not been computed yet. */
    private final short[] nearest = new short[1 << 18];

    private Palette(byte[][] channels, int size) {
        this.channels = channels;
        this.size = size;
    }

    /** Counts a clip's colours. */
    public static final class Histogram {
        private static final int BINS = 1 << 15;
        private final long[] count = new long[BINS];
        private final long[][] sum = new long[3][BINS];

        /** Counts a picture. */
        public void add(Rgb rgb) {
            byte[] bytes = rgb.bytes();
            for (int i = 0; i < bytes.length; i += 3) {
                int bin = (bytes[i] & 0xf8) << 7 | (bytes[i + 1] & 0xf8) << 2 | (bytes[i + 2] & 0xf8) >> 3;
                count[bin]++;
                for (int c = 0; c < 3; c++) sum[c][bin] += bytes[i + c] & 255;
            }
        }

        /** The palette for everything counted. */
        public Palette palette() {
            var boxes = new PriorityQueue<Box>(Comparator.comparingDouble((Box box) -> -box.error));
            boxes.add(new Box(java.util.stream.IntStream.range(0, BINS)
                    .filter(bin -> count[bin] > 0)
                    .boxed()
                    .toArray(Integer[]::new)));
            while (boxes.size() < COLORS && boxes.peek().error > 0) {
                Box box = boxes.poll();
                int cut = box.cut();
                boxes.add(new Box(Arrays.copyOfRange(box.bins, 0, cut)));
                boxes.add(new Box(Arrays.copyOfRange(box.bins, cut, box.bins.length)));
            }
            byte[][] channels = new byte[3][COLORS + 1];
            int entry = 0;
            for (Box box : boxes.stream()
                    .sorted(Comparator.comparingInt((Box box) -> box.bins[0]))
                    .toList()) {
                for (int c = 0; c < 3; c++) channels[c][entry] = (byte) Math.round(box.mean[c]);
                entry++;
            }
            return new Palette(channels, entry);
        }

        private double mean(int channel, int bin) {
            return (double) sum[channel][bin] / count[bin];
        }

        /** Some bins of the histogram, which will be one colour. */
        private final class Box {
            final Integer[] bins;
            final double[] mean = new double[3];
            final double error;
            private final int widest;

            Box(Integer[] bins) {
                this.bins = bins;
                double total = 0;
                double[] squares = new double[3];
                for (int bin : bins) {
                    total += count[bin];
                    for (int c = 0; c < 3; c++) {
                        mean[c] += sum[c][bin];
                        squares[c] += mean(c, bin) * sum[c][bin];
                    }
                }
                int widest = 0;
                double error = 0;
                for (int c = 0; c < 3; c++) {
                    mean[c] /= total;
                    squares[c] -= mean[c] * mean[c] * total;
                    if (squares[c] > squares[widest]) widest = c;
                    error += squares[c];
                }
                this.widest = widest;
                this.error = bins.length == 1 ? 0 : Math.max(error, Double.MIN_VALUE);
            }

            /**
             * Sorts the bins along the widest channel.
             *
             * @return where the upper half of the pixels begins, leaving both halves a bin
             */
            int cut() {
                Arrays.sort(
                        bins,
                        Comparator.comparingDouble((Integer bin) -> mean(widest, bin))
                                .thenComparing(Comparator.naturalOrder()));
                long total = 0;
                for (int bin : bins) total += count[bin];
                long below = 0;
                for (int i = 0; i < bins.length - 1; i++) {
                    below += count[bins[i]];
                    if (2 * below >= total) return i + 1;
                }
                return bins.length - 1;
            }
        }
    }

    /** The palette as the colour model of an image. */
    public IndexColorModel colorModel() {
        return new IndexColorModel(8, COLORS + 1, channels[0], channels[1], channels[2], UNCHANGED);
    }

    /**
     * The picture as indices, {@code [H][W]}. Rows are dithered alternately to the right and to the left, so that the
     * errors show no direction.
     */
    public byte[] dither(Rgb rgb) {
        int width = rgb.width();
        byte[] out = new byte[rgb.height() * width];
        // Errors in sixteenths, carried to this row and to the next one, with a margin of one pixel on either side.
        int[] here = new int[3 * (width + 2)];
        int[] below = new int[3 * (width + 2)];
        int[] wanted = new int[3];
        for (int y = 0; y < rgb.height(); y++) {
            int step = (y & 1) == 0 ? 1 : -1;
            for (int i = 0, x = step > 0 ? 0 : width - 1; i < width; i++, x += step) {
                int pixel = y * width + x;
                for (int c = 0; c < 3; c++)
                    wanted[c] =
                            Math.clamp((rgb.bytes()[3 * pixel + c] & 255) + (here[3 * (x + 1) + c] + 8 >> 4), 0, 255);
                int entry = nearest(wanted[0], wanted[1], wanted[2]);
                out[pixel] = (byte) entry;
                for (int c = 0; c < 3; c++) {
                    int error = wanted[c] - (channels[c][entry] & 255);
                    int at = 3 * (x + 1) + c;
                    here[at + 3 * step] += 7 * error;
                    below[at - 3 * step] += 3 * error;
                    below[at] += 5 * error;
                    below[at + 3 * step] += error;
                }
            }
            int[] done = here;
            here = below;
            below = done;
            Arrays.fill(below, 0);
        }
        return out;
    }

    private int nearest(int red, int green, int blue) {
        int key = (red >> 2) << 12 | (green >> 2) << 6 | blue >> 2;
        if (nearest[key] == 0) {
            int best = 0;
            int least = Integer.MAX_VALUE;
            for (int i = 0; i < size; i++) {
                int dr = (red & ~3 | 2) - (channels[0][i] & 255);
                int dg = (green & ~3 | 2) - (channels[1][i] & 255);
                int db = (blue & ~3 | 2) - (channels[2][i] & 255);
                // Weights near those of luma: the eye sees an error of green best.
                int distance = 2 * dr * dr + 4 * dg * dg + db * db;
                if (distance < least) {
                    least = distance;
                    best = i;
                }
            }
            nearest[key] = (short) (best + 1);
        }
        return nearest[key] - 1;
    }
}
