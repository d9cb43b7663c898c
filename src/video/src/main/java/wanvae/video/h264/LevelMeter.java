package wanvae.video.h264;

/**
 * The level that a stream's size, frame rate and bit rate need: ITU-T H.264, annex A, and its hypothetical decoder of
 * annex C, whose buffer fills at a level's bit rate and gives up each picture at its time.
 */
final class LevelMeter {
    /** Of a table of levels: the last one is for whatever is beyond. */
    private record Level(int number, int perSecond, int perFrame, int decoded, int bitRate, int buffer) {}

    /**
     * Table A-1: level, macroblocks a second, macroblocks a frame, macroblocks of decoded pictures held, bit rate and
     * buffer in units of a thousand bits.
     */
    private static final Level[] LEVELS = {
        new Level(10, 1485, 99, 396, 64, 175),
        new Level(11, 3000, 396, 900, 192, 500),
        new Level(12, 6000, 396, 2376, 384, 1000),
        new Level(13, 11880, 396, 2376, 768, 2000),
        new Level(20, 11880, 396, 2376, 2000, 2000),
        new Level(21, 19800, 792, 4752, 4000, 4000),
        new Level(22, 20250, 1620, 8100, 4000, 4000),
        new Level(30, 40500, 1620, 8100, 10000, 10000),
        new Level(31, 108000, 3600, 18000, 14000, 14000),
        new Level(32, 216000, 5120, 20480, 20000, 20000),
        new Level(40, 245760, 8192, 32768, 20000, 25000),
        new Level(41, 245760, 8192, 32768, 50000, 62500),
        new Level(42, 522240, 8704, 34816, 50000, 62500),
        new Level(50, 589824, 22080, 110400, 135000, 135000),
        new Level(51, 983040, 36864, 184320, 240000, 240000),
        new Level(52, 2073600, 36864, 184320, 240000, 240000),
        new Level(60, 4177920, 139264, 696320, 240000, 240000),
        new Level(61, 8355840, 139264, 696320, 480000, 480000),
        new Level(62, 16711680, 139264, 696320, 800000, 800000)
    };

    private final double seconds;
    /** Of the table's bit rates and buffers, by profile. */
    private final int unit;
    /** Bits in the buffer of each level when the next picture is taken. */
    private final double[] full = new double[LEVELS.length];

    /** The first level that suffices so far. */
    private int least;

    /** @param decodedPictures most pictures that a decoder holds */
    LevelMeter(H264Config config, int decodedPictures) {
        int width = config.widthInMbs(), height = config.heightInMbs(), mbs = width * height;
        unit = config.chroma().rateUnit;
        seconds = (double) config.fpsDenominator() / config.fpsNumerator();
        long bitRate = config.rate() instanceof Rate.Bitrate rate ? rate.bitsPerSecond() : 0;
        for (Level level : LEVELS) {
            double longest = Math.sqrt(8.0 * level.perFrame);
            if (mbs / seconds <= level.perSecond
                    && mbs <= level.perFrame
                    && decodedPictures * mbs <= level.decoded
                    && width <= longest
                    && height <= longest
                    && bitRate <= (long) level.bitRate * unit) break;
            least++;
        }
        least = Math.min(least, LEVELS.length - 1);
        for (int i = 0; i < full.length; i++) full[i] = bufferOf(i);
    }

    private double bufferOf(int level) {
        return (double) LEVELS[level].buffer * unit;
    }

    /** Takes the next picture, in decoding order. */
    void picture(int bytes) {
        double filled = seconds * unit;
        for (int i = least; i < full.length; i++) {
            full[i] -= 8.0 * bytes;
            if (full[i] < 0 && i == least && least < LEVELS.length - 1) least++;
            full[i] = Math.min(bufferOf(i), full[i] + filled * LEVELS[i].bitRate);
        }
    }

    /** The level by its number in the stream: 31 for level 3.1. */
    int level() {
        return LEVELS[least].number;
    }
}
