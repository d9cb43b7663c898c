package wanvae.video.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.video.Mp4Options;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;

class MovieSourceTest {
    private static final int HEIGHT = 48, WIDTH = 80;

    @TempDir
    private Path folder;

    /** A bright square that moves over a gradient. */
    private static Rgb picture(int index, int height, int width) {
        byte[] bytes = new byte[3 * height * width];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                boolean inside = Math.abs(y - 20) < 9 && Math.abs(x - 14 - 2 * index) < 9;
                int at = 3 * (y * width + x);
                bytes[at] = (byte) (inside ? 230 : 40 + x);
                bytes[at + 1] = (byte) (inside ? 200 : 60 + 2 * y);
                bytes[at + 2] = (byte) (inside ? 60 : 90);
            }
        return new Rgb(height, width, bytes);
    }

    private Path movie(String name, int frames, int height, int width, Mp4Options options) throws IOException {
        Path file = folder.resolve(name);
        try (PictureSink sink = VideoOutput.open(file, OutputOptions.DEFAULT.withVideo(options))) {
            sink.begin(new VideoShape(1, frames, height, width));
            for (int i = 0; i < frames; i++) sink.picture(0, i, picture(i, height, width));
            sink.finish();
        }
        return file;
    }

    private static PictureSource open(Path file) throws IOException {
        return PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT);
    }

    private static List<Picture> pictures(Path file) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        try (PictureSource source = open(file)) {
            for (Optional<Picture> next = source.next(); next.isPresent(); next = source.next())
                pictures.add(next.get());
        }
        return pictures;
    }

    private static double psnr(Rgb a, Rgb b) {
        double squares = 0;
        for (int i = 0; i < a.bytes().length; i++) {
            int d = (a.bytes()[i] & 255) - (b.bytes()[i] & 255);
            squares += d * d;
        }
        return 10 * Math.log10(255 * 255 * a.bytes().length / squares);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 250})
    void whatWasWrittenIsRead(int keyint) throws IOException {
        Mp4Options options = Mp4Options.DEFAULT
                .withFps(new Fps(24000, 1001))
                .withQuality(9.0)
                .withKeyint(keyint);
        for (Mp4Options each : List.of(options, options.withMacroBlockSize(1))) {
            Path file = movie("a" + each.macroBlockSize() + keyint + ".mp4", 13, HEIGHT, WIDTH, each);
            try (PictureSource source = open(file)) {
                assertEquals(new VideoShape(1, 13, HEIGHT, WIDTH), source.shape());
                assertEquals(Optional.of(new Fps(24000, 1001)), source.fps());
                assertEquals(List.of(), source.notes());
            }
            List<Picture> pictures = pictures(file);
            assertEquals(13, pictures.size());
            for (int i = 0; i < 13; i++) {
                double psnr = psnr(picture(i, HEIGHT, WIDTH), pictures.get(i).toRgb(Quantization.ROUND));
                assertTrue(psnr > 32, "frame " + i + ": " + psnr + " dB"); // 4:2:0 blurs the square's colours
            }
        }
    }

    @Test
    void oddSizesAreCropped() throws IOException {
        Path file = movie("odd.mp4", 3, 46, 66, Mp4Options.DEFAULT.withMacroBlockSize(1));
        assertEquals(46, pictures(file).getFirst().height());
        assertEquals(66, pictures(file).getFirst().width());
    }

    @Test
    void otherCodecsAndKinds() throws IOException {
        Path movie = movie("prores.mov", 2, HEIGHT, WIDTH, Mp4Options.DEFAULT);
        String refused = assertThrows(IOException.class, () -> open(movie)).getMessage();
        assertTrue(
                refused.startsWith(
                        movie + " is coded with ProRes, and only H.264 is decoded; ffmpeg decodes it: ffmpeg"),
                refused);
        Path text = Files.writeString(folder.resolve("text.mp4"), "hello, this is no movie at all");
        assertTrue(
                assertThrows(IOException.class, () -> open(text)).getMessage().startsWith(text.toString()));
        byte[] whole = Files.readAllBytes(movie("whole.mp4", 9, HEIGHT, WIDTH, Mp4Options.DEFAULT));
        Path cut = Files.write(folder.resolve("cut.mp4"), java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThrows(IOException.class, () -> pictures(cut));
    }

    /** Ten thousand damaged files, half of them in their index: each is read or refused in a sentence, at once. */
    @Test
    void damage() throws IOException {
        byte[] whole = Files.readAllBytes(movie("small.mp4", 4, 32, 32, Mp4Options.DEFAULT));
        int index = new String(whole, StandardCharsets.ISO_8859_1).indexOf("moov");
        Random random = new Random(5);
        Path file = folder.resolve("damaged.mp4");
        int refused = 0;
        for (int n = 0; n < 10_000; n++) {
            byte[] bytes = whole.clone();
            for (int hits = 1 + random.nextInt(4); hits > 0; hits--)
                bytes[n % 2 == 0 ? random.nextInt(bytes.length) : index + random.nextInt(bytes.length - index)] =
                        (byte) random.nextInt(256);
            if (n % 7 == 0) bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            Files.write(file, bytes);
            String failure = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                try {
                    pictures(file);
                    return null;
                } catch (IOException e) {
                    return e.getMessage();
                }
            });
            if (failure == null) continue;
            refused++;
            assertTrue(failure.contains("damaged.mp4"), failure);
            assertFalse(failure.contains("\n"), failure);
        }
        assertTrue(refused > 1000, refused + " refused");
    }

    /** jcodec has a logger and threads of its own. */
    @Test
    void nothingIsPrintedAndNoThreadIsLeft() throws IOException {
        java.io.PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int before = Thread.activeCount();
        System.setOut(new java.io.PrintStream(printed, true));
        try {
            pictures(movie("a.mp4", 9, HEIGHT, WIDTH, Mp4Options.DEFAULT.withThreads(1)));
        } finally {
            System.setOut(out);
        }
        assertArrayEquals(new byte[0], printed.toByteArray());
        assertEquals(before, Thread.activeCount());
    }
}
