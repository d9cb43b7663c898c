package wanvae.video.h264;

import java.util.Arrays;
import java.util.Random;

/** Small seeded clips. */
enum TestClip {
    /** Every sample random. */
    NOISE,
    /** Black throughout. */
    BLACK,
    /** A texture that does not move. */
    STATIC,
    /** A texture that moves by fractions of a sample, and grain. */
    PAN,
    /** Every 5 frames another pattern of squares, which moves. */
    CUTS,
    /** Squares of 4x4, black or white. */
    CELLS;

    YuvFrame frame(int number, int width, int height) {
        YuvFrame frame = YuvFrame.black(width, height);
        Random random = new Random(1000L * ordinal() + number);
        switch (this) {
            case NOISE -> {
                random.nextBytes(frame.y());
                random.nextBytes(frame.u());
                random.nextBytes(frame.v());
            }
            case BLACK -> {}
            case STATIC -> texture(frame, 0, 0, 0, random);
            case PAN -> texture(frame, 1.3 * number, 0.6 * number, 4, random);
            case CUTS -> {
                byte[] scene = new byte[frame.y().length];
                new Random(number / 5).nextBytes(scene);
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++) frame.y()[y * width + x] = scene[y / 6 * width + (x + number) / 6];
            }
            case CELLS -> {
                for (int y = 0; y < height; y += 4)
                    for (int x = 0; x < width; x += 4) {
                        byte shade = (byte) (random.nextBoolean() ? 235 : 16);
                        for (int row = y; row < y + 4; row++)
                            Arrays.fill(frame.y(), row * width + x, row * width + x + 4, shade);
                    }
            }
        }
        return frame;
    }

    private static void texture(YuvFrame frame, double dx, double dy, int grain, Random random) {
        for (int y = 0; y < frame.height(); y++)
            for (int x = 0; x < frame.width(); x++)
                frame.y()[y * frame.width() + x] = sample(110
                        + 60 * StrictMath.sin((x + dx) / 5) * StrictMath.cos((y + dy) / 7)
                        + ((((int) (x + dx) ^ (int) (y + dy)) & 16) == 0 ? 30 : 0)
                        + grain * random.nextGaussian());
        for (int y = 0; y < frame.chromaHeight(); y++)
            for (int x = 0; x < frame.chromaWidth(); x++) {
                frame.u()[y * frame.chromaWidth() + x] = sample(128 + 40 * StrictMath.sin((x + dx / 2) / 9));
                frame.v()[y * frame.chromaWidth() + x] = sample(128 + 40 * StrictMath.sin((y + dy / 2) / 11));
            }
    }

    private static byte sample(double v) {
        return (byte) Math.clamp(Math.round(v), 0, 255);
    }
}
