package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Color;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.PixelAspect;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;

/** Pixels that are not square, from a Y4M to every output that can tell. */
class PixelAspectTest {
    @TempDir
    Path folder;

    private Path y4m(PixelAspect aspect) throws IOException {
        Path file = folder.resolve("in.y4m");
        Clips.write(Y4mWriter.create(file, Fps.of(25), Color.AUTO, aspect, IfExists.REPLACE), 1, 2, 32, 48);
        return file;
    }

    private Path export(Path from, String to) throws IOException {
        Path target = folder.resolve(to);
        try (PictureSource source =
                        PictureSource.open(from.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT);
                PictureSink sink = VideoOutput.open(
                        target,
                        OutputOptions.DEFAULT.withVideo(
                                Mp4Options.DEFAULT.withFps(25).withPixelAspect(source.pixelAspect())))) {
            source.copyTo(sink, sent -> {});
        }
        return target;
    }

    @ParameterizedTest
    @CsvSource({"4, 3", "8, 9", "1, 1", "1000, 1001"})
    void isKept(int width, int height) throws IOException, InterruptedException {
        PixelAspect aspect = new PixelAspect(width, height);
        Path y4m = y4m(aspect);
        assertArrayEquals(Files.readAllBytes(y4m), Files.readAllBytes(export(y4m, "out.y4m")));
        for (String name : new String[] {"in.y4m", "out.mp4", "out.mov"}) {
            String probe = Ffmpeg.probe(name.startsWith("in") ? y4m : export(y4m, name));
            assertTrue(probe.contains("sample_aspect_ratio=" + aspect + "\n"), () -> name + ":\n" + probe);
        }
    }

    /** Of a program that reads neither the stream's parameters nor {@code pasp}. */
    @Test
    void theTrackIsAsWideAsItIsShown() throws IOException {
        byte[] movie = Files.readAllBytes(export(y4m(new PixelAspect(4, 3)), "out.mp4"));
        int at = new String(movie, StandardCharsets.ISO_8859_1).indexOf("tkhd") + 4 + 76;
        assertArrayEquals(new byte[] {0, 64, 0, 0, 0, 32, 0, 0}, Arrays.copyOfRange(movie, at, at + 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A4:3", "A8:6", "A400000:300000"})
    void headersAreUnderstood(String field) throws IOException {
        assertEquals(new PixelAspect(4, 3), read(field));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A0:0", "A1:1", "Ip"})
    void whatIsNotKnownIsSquare(String field) throws IOException {
        assertTrue(read(field).isSquare());
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "A4", "A4:x", "A-4:3", "A4:3:2", "A99999999999:1"})
    void damagedOnesAreRefused(String field) {
        assertThrows(FormatException.class, () -> read(field));
    }

    private static PixelAspect read(String field) throws IOException {
        byte[] header = ("YUV4MPEG2 W4 H4 F1:1 " + field + "\n").getBytes(StandardCharsets.US_ASCII);
        try (PictureSource source = PictureSource.open("-", new ByteArrayInputStream(header), SourceOptions.DEFAULT)) {
            return source.pixelAspect();
        }
    }

    @Test
    void largePartsAreRounded() {
        PixelAspect aspect = new PixelAspect(1_000_003, 1_000_033);
        assertTrue(Math.max(aspect.width(), aspect.height()) <= 65535);
        assertEquals(1_000_003.0 / 1_000_033, aspect.value(), 1e-4);
        assertEquals(new PixelAspect(65535, 1), new PixelAspect(65535, 1));
        assertEquals(1, new PixelAspect(Integer.MAX_VALUE, 1).height());
    }

    @Test
    void outputsTellOrDoNot() throws IOException {
        for (String name : new String[] {"-", "a.mp4", "b/a.MOV", "a.y4m"})
            assertTrue(VideoOutput.tellsPixelAspect(name), name);
        for (String name : new String[] {"a.gif", "a.apng", "a.png", "a.npy", "folder", "a-%d.png", "folder/"})
            assertFalse(VideoOutput.tellsPixelAspect(name), name);
        var out = new ByteArrayOutputStream();
        Clips.write(Y4mWriter.to(out, Fps.of(1), Color.AUTO, new PixelAspect(4, 3)), 1, 1, 4, 4);
        assertTrue(out.toString(StandardCharsets.ISO_8859_1).contains(" A4:3 "));
    }
}
