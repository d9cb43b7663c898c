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
    /** Squares of all planes that rest or change, each flat, a ramp, a coarse pattern or noise, with more or less grain. */
    PATCHES,
    /** Squares of 4x4, black or white. */
    CELLS;

    YuvFrame frame(int number, int width, int height) {
        return frame(number, ChromaFormat.YUV420, width, height);
    }

    YuvFrame frame(int number, ChromaFormat format, int width, int height) {
        YuvFrame frame = YuvFrame.black(format, width, height);
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
            case PATCHES -> {
                patches(frame.y(), width, height, number, 1);
                patches(frame.u(), frame.chromaWidth(), frame.chromaHeight(), number, 2);
                patches(frame.v(), frame.chromaWidth(), frame.chromaHeight(), number, 3);
            }
            case CELLS -> {
                for (int y = 0; y < height; y += 4)
                    for (int x = 0; x < width; x += 4) {
                        byte shade = (byte) (random.nextBoolean() ? 235 : 16);
                        for (int row = y; row < Math.min(y + 4, height); row++)
                            Arrays.fill(frame.y(), row * width + x, row * width + Math.min(x + 4, width), shade);
                    }
            }
            case CUTS -> {
                byte[] scene = new byte[frame.y().length];
                new Random(number / 5).nextBytes(scene);
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++) frame.y()[y * width + x] = scene[y / 6 * width + (x + number) / 6];
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

    private static void patches(byte[] plane, int width, int height, int number, int seed) {
        for (int y0 = 0; y0 < height; y0 += 16)
            for (int x0 = 0; x0 < width; x0 += 16) {
                int place = y0 * width + x0;
                boolean rests = new Random(place).nextInt(3) == 0;
                Random random = new Random(7L * place + seed + (rests ? 0 : 1000L * (number + 1)));
                int kind = random.nextInt(4),
                        level = random.nextInt(200),
                        grain = random.nextInt(3) * random.nextInt(8);
                int across = random.nextInt(9) - 4, down = random.nextInt(9) - 4, size = 2 + random.nextInt(5);
                for (int y = y0; y < Math.min(y0 + 16, height); y++)
                    for (int x = x0; x < Math.min(x0 + 16, width); x++)
                        plane[y * width + x] = sample(grain * random.nextGaussian()
                                + switch (kind) {
                                    case 0 -> level;
                                    case 1 -> level + across * (x - x0) + down * (y - y0);
                                    case 2 -> ((x / size ^ y / size) & 1) == 0 ? level : 200 - level;
                                    default -> random.nextInt(256);
                                });
            }
    }
}
