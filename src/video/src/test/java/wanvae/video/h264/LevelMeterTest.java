package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The level of a stream, by size, rate and bits. */
class LevelMeterTest {
    private static LevelMeter meter(int width, int height, int fps, Rate rate) {
        return new LevelMeter(H264Config.of(width, height, fps, 1).withRate(rate), 4);
    }

    @ParameterizedTest
    @CsvSource({
        "176, 144, 15, 10", "352, 288, 30, 13", "720, 576, 25, 30", "832, 480, 16, 30", "1280, 720, 24, 31",
        "1280, 720, 60, 32", "1920, 1080, 30, 40", "1920, 1080, 60, 42", "3840, 2160, 30, 51", "8192, 8192, 300, 62"
    })
    void sizeAndRate(int width, int height, int fps, int level) {
        assertEquals(level, meter(width, height, fps, new Rate.Quality(5)).level());
    }

    /** Table A-1 times 1.25: High profile. */
    @ParameterizedTest
    @CsvSource({"17500000, 31", "17500001, 32", "25000001, 41", "62500001, 50", "1000000001, 62"})
    void theBitRateAskedFor(long bits, int level) {
        assertEquals(level, meter(832, 480, 16, new Rate.Bitrate(bits)).level());
    }

    /** Table A-1 times 4: High 4:4:4 Predictive profile. */
    @ParameterizedTest
    @CsvSource({"56000000, 31", "56000001, 32", "80000001, 41"})
    void theBitRateAskedForIn444(long bits, int level) {
        H264Config config = H264Config.of(832, 480, 16, 1).withRate(new Rate.Bitrate(bits));
        assertEquals(level, new LevelMeter(config.withChroma(ChromaFormat.YUV444), 4).level());
    }

    /** Pictures of one size: as many bits a second as a level allows, and a few more. */
    @ParameterizedTest
    @CsvSource({"31, 17500", "32, 25000", "41, 62500"})
    void theBitsThatCome(int level, int thousands) {
        int bytes = thousands * 1000 / 8 / 16;
        LevelMeter enough = meter(832, 480, 16, new Rate.Quality(5)), more = meter(832, 480, 16, new Rate.Quality(5));
        for (int i = 0; i < 2000; i++) {
            enough.picture(bytes);
            more.picture(bytes + bytes / 50);
        }
        assertEquals(level, enough.level());
        assertTrue(more.level() > level, more.level() + " after " + level);
    }

    @Test
    void oneHugePictureFillsTheBuffer() {
        LevelMeter meter = meter(832, 480, 16, new Rate.Quality(5));
        meter.picture(14_000_000 * 5 / 4 / 8 + 1);
        assertEquals(32, meter.level());
    }

    /** The stream tells it when it is complete; noise at the finest quantiser needs more than its size. */
    @Test
    void theStreamTellsIt() throws IOException {
        try (H264Encoder encoder =
                new H264Encoder(H264Config.of(96, 96, 30, 1).withRate(new Rate.ConstantQp(0)), coded -> {})) {
            int before = encoder.sps()[3];
            for (int i = 0; i < 12; i++) encoder.encode(TestClip.NOISE.frame(i, 96, 96));
            encoder.finish();
            assertEquals(10, before);
            assertTrue(encoder.sps()[3] > 12, "level " + encoder.sps()[3]);
        }
    }
}
