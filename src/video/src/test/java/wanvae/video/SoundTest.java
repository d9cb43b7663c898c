package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.video.container.Boxes;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** Sound beside pictures, and what a movie says about itself. */
class SoundTest {
    private static final Path TONE = Clips.resource("tone.m4a");
    private static final int TONE_RATE = 16_000;

    @TempDir
    Path folder;

    private Path wav(AudioFormat format, byte[] samples) throws IOException {
        Path file = folder.resolve("sound.wav");
        var stream =
                new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length / format.getFrameSize());
        AudioSystem.write(stream, AudioFileFormat.Type.WAVE, file.toFile());
        return file;
    }

    private static AudioFormat pcm(int rate, int bits, int channels) {
        return new AudioFormat(rate, bits, channels, bits > 8, false);
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(5).nextBytes(noise);
        return noise;
    }

    private Path write(String name, Mp4Options options, int frames) throws IOException {
        Path file = folder.resolve(name);
        Clips.write(VideoOutput.open(file, OutputOptions.DEFAULT.withVideo(options)), 1, frames, 16, 32);
        return file;
    }

    private static byte[] heard(Path file, String format) throws IOException, InterruptedException {
        return Ffmpeg.run("ffmpeg", List.of("-v", "error", "-i", file.toString(), "-vn", "-f", format, "-"));
    }

    @ParameterizedTest
    @CsvSource({
        "16, 10, 44100, 16, 2, 40000", // cut
        "24000/1001, 31, 48000, 16, 1, 30000", // continued
        "25, 7, 8000, 8, 1, 1000",
        "10, 3, 96000, 24, 3, 28800",
        "10, 21, 22050, 32, 1, 99999"
    })
    void wavIsKeptToTheSample(String fps, int frames, int rate, int bits, int channels, int length)
            throws IOException, InterruptedException {
        int frame = channels * bits / 8;
        byte[] samples = noise(length * frame);
        Path sound = wav(pcm(rate, bits, channels), samples);
        Fps pictures = Fps.parse(fps);
        Path movie = write("out.mov", Mp4Options.DEFAULT.withFps(pictures).withAudio(sound), frames);
        byte[] expected = Arrays.copyOf(samples, (int) Math.round(frames * rate / pictures.value()) * frame);
        if (bits == 8 && expected.length > samples.length)
            Arrays.fill(expected, samples.length, expected.length, (byte) 0x80);
        assertArrayEquals(expected, heard(movie, bits == 8 ? "u8" : "s" + bits + "le"));
    }

    /** As in ffmpeg: what there is of a WAV that was cut is taken, and a header may leave the length open. */
    @Test
    void aWavThatWasCutIsToldOf() throws IOException, InterruptedException {
        byte[] samples = noise(16_000);
        Path sound = wav(pcm(8000, 16, 1), samples);
        byte[] whole = Files.readAllBytes(sound);
        OutputOptions options =
                OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withFps(10).withAudio(sound));
        byte[] open = whole.clone();
        Arrays.fill(open, 40, 44, (byte) 0xff);
        for (byte[] file : List.of(whole, open, Arrays.copyOf(whole, 44 + 4001))) {
            Files.write(sound, file);
            Path movie = folder.resolve("out.mov");
            PictureSink sink = VideoOutput.open(movie, options);
            Clips.write(sink, 1, 10, 16, 32);
            boolean cut = file.length < whole.length;
            assertEquals(
                    cut
                            ? List.of(sound + " holds 0.25 of the 1.00 seconds of sound that its header announces; "
                                    + "what there is has been taken")
                            : List.of(),
                    sink.warnings());
            byte[] expected = cut ? Arrays.copyOf(Arrays.copyOf(samples, 4000), 16_000) : samples;
            assertArrayEquals(expected, heard(movie, "s16le"));
        }
    }

    @Test
    void aWavWithoutSoundIsToldOf() throws IOException {
        Path sound = wav(pcm(8000, 16, 1), new byte[0]);
        OutputOptions options = OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withAudio(sound));
        PictureSink sink = VideoOutput.open(folder.resolve("out.mov"), options);
        Clips.write(sink, 1, 2, 16, 32);
        assertEquals(List.of(sound + " announces no sound in its header, so there is silence"), sink.warnings());
    }

    @ParameterizedTest
    @CsvSource({"out.mp4, 16, 5", "out.mov, 16, 5", "out.mp4, 30000/1001, 40", "out.mov, 8, 20"})
    void aacIsKeptToTheSample(String name, String fps, int frames) throws IOException, InterruptedException {
        Fps pictures = Fps.parse(fps);
        Path movie = write(name, Mp4Options.DEFAULT.withFps(pictures).withAudio(TONE), frames);
        ByteBuffer expected = ByteBuffer.wrap(heard(TONE, "s16le")).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer found = ByteBuffer.wrap(heard(movie, "s16le")).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) Math.round(frames * TONE_RATE / pictures.value());
        // ffmpeg hears whole packets at the end.
        assertEquals(length, found.capacity() / 2, 1024);
        for (int i = 0; i < Math.min(length, 0.7 * TONE_RATE); i++)
            assertEquals(expected.getShort(2 * i), found.getShort(2 * i), "sample " + i);
        for (int i = (int) (0.7 * TONE_RATE) + 2048; i < length; i++) assertEquals(0, found.getShort(2 * i));
    }

    @Test
    void soundLiesBesideItsPictures() throws IOException {
        Path movie = write("out.mp4", Mp4Options.DEFAULT.withFps(4).withAudio(TONE), 10);
        byte[] bytes = Files.readAllBytes(movie);
        List<Boxes> traks = Boxes.of(bytes).get(1).all("trak");
        Boxes pictures = traks.get(0).inside("mdia", "minf", "stbl", "stco");
        Boxes sound = traks.get(1).inside("mdia", "minf", "stbl", "stco");
        assertEquals(3, pictures.intAt(12));
        assertEquals(3, sound.intAt(12));
        int last = 0;
        for (int second = 0; second < 3; second++)
            for (Boxes chunks : List.of(pictures, sound)) {
                int at = chunks.intAt(16 + 4 * second);
                assertTrue(at > last);
                last = at;
            }
    }

    @Test
    void ffmpegReadsTheMetadata() throws IOException, InterruptedException {
        Map<String, String> metadata = Map.of(
                "title", "Zwei Füchse",
                "comment", "seed 42",
                "prompt", "a fox = “two foxes”, 狐",
                "creation_time", "2026-01-31T12:34:56Z");
        for (String name : List.of("out.mp4", "out.mov")) {
            String probe = Ffmpeg.probe(write(name, Mp4Options.DEFAULT.withMetadata(metadata), 2));
            for (String line : List.of(
                    "TAG:title=Zwei Füchse",
                    "TAG:comment=seed 42",
                    "TAG:prompt=a fox = “two foxes”, 狐",
                    "TAG:creation_time=2026-01-31T12:34:56.000000Z"))
                assertTrue(probe.contains(line + "\n"), name + " lacks " + line + " in " + probe);
        }
    }

    @Test
    void whatCannotBeKeptIsRefused() throws IOException {
        Path sound = wav(pcm(8000, 16, 1), new byte[16]);
        assertRefused("out.mp4", sound, "sound.wav: MP4 takes AAC and this is PCM");
        assertRefused("out.gif", TONE, "sound goes into .mp4 and .mov only");
        assertRefused("out.mp4", folder.resolve("none.m4a"), "none.m4a: there is no such file");
        assertRefused("out.mp4", folder, "is a folder, not a file with sound");
        assertRefused("out.mov", Files.writeString(folder.resolve("text.wav"), "text"), "not a WAV file with PCM");
        assertRefused(
                "out.mov",
                wav(new AudioFormat(AudioFormat.Encoding.ULAW, 8000, 8, 1, 1, 8000, false), new byte[16]),
                "its sound is ULAW, expected PCM");
        assertRefused("out.mp4", write("silent.mp4", Mp4Options.DEFAULT, 1), "silent.mp4: has no sound");
        assertThrows(
                IllegalArgumentException.class,
                () -> FragmentedMp4Writer.to(OutputStream.nullOutputStream(), Mp4Options.DEFAULT.withAudio(TONE)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Mp4Options.DEFAULT.withMetadata(Map.of("creation_time", "yesterday")));
        assertThrows(IllegalArgumentException.class, () -> Mp4Options.DEFAULT.withMetadata(Map.of("", "empty")));
    }

    private void assertRefused(String output, Path sound, String sentence) {
        OutputOptions options = OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withAudio(sound));
        var refused = assertThrows(IOException.class, () -> VideoOutput.open(folder.resolve(output), options));
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }
}
