package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.frame.VideoShape;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;

/** What other programs make of our files: colours that stay, and sizes that agree. */
class RoundTripTest {
    @TempDir
    Path folder;

    private static double mean(byte[] rgb, int channel) {
        double sum = 0;
        for (int i = channel; i < rgb.length; i += 3) sum += rgb[i] & 255;
        return 3 * sum / rgb.length;
    }

    /** Video to ffmpeg, its pictures to video again: of either matrix, three times. */
    @ParameterizedTest
    @CsvSource({"480, mp4", "720, mp4", "480, y4m", "480, mov", "720, mov"})
    void threeTimesThroughFfmpegColoursDriftByLessThanALevel(int height, String format)
            throws IOException, InterruptedException {
        int width = 32;
        byte[] first = new SignedPicture(Clips.frame(height, width, 1))
                .toRgb(Quantization.ROUND)
                .bytes();
        byte[] shown = first;
        for (int trip = 0; trip < 3; trip++) {
            Path file = folder.resolve(trip + "." + format);
            OutputOptions options = OutputOptions.DEFAULT.withVideo(
                    Mp4Options.DEFAULT.withQuality(9).withThreads(2));
            try (PictureSink sink = VideoOutput.open(file, options)) {
                sink.begin(new VideoShape(1, 1, height, width));
                sink.picture(0, 0, new Rgb(height, width, shown));
                sink.finish();
            }
            // Converters of 4:2:0 differ; accurate rounding is what people who care ask ffmpeg for.
            shown = Ffmpeg.decode(file, "rgb24", "-sws_flags", "accurate_rnd+full_chroma_int");
        }
        for (int channel = 0; channel < 3; channel++)
            assertEquals(mean(first, channel), mean(shown, channel), 1, "channel " + channel);
    }

    /** H.264 crops by pairs: what the stream shows is what the container tells. */
    @ParameterizedTest
    @CsvSource({"33, 47, 1", "32, 47, 1", "33, 48, 1", "21, 21, 7", "33, 47, 2"})
    void oddSizesAgreeInTheStreamAndItsBoxes(int height, int width, int block)
            throws IOException, InterruptedException {
        Path file = folder.resolve("odd.mp4");
        PictureSink sink =
                VideoOutput.open(file, OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withMacroBlockSize(block)));
        Clips.write(sink, 1, 2, height, width);
        int shownHeight = (height + 1) / 2 * 2, shownWidth = (width + 1) / 2 * 2;
        byte[] movie = Files.readAllBytes(file);
        String text = new String(movie, java.nio.charset.StandardCharsets.ISO_8859_1);
        int track = text.indexOf("tkhd") + 4 + 76, entry = text.indexOf("avc1", text.indexOf("stsd")) + 4 + 24;
        assertEquals(shownWidth, movie[track + 1] & 255);
        assertEquals(shownHeight, movie[track + 5] & 255);
        assertEquals(shownWidth, movie[entry + 1] & 255);
        assertEquals(shownHeight, movie[entry + 3] & 255);
        String probe = Ffmpeg.probe(file);
        assertTrue(probe.contains("\nwidth=" + shownWidth + "\nheight=" + shownHeight + "\n"), probe);
        assertEquals(2 * 3 * shownHeight * shownWidth, Ffmpeg.decode(file, "rgb24").length);
        assertEquals(1, sink.warnings().size());
        assertTrue(sink.warnings().getFirst().contains(shownWidth + "x" + shownHeight), sink.warnings()::toString);
    }
}
