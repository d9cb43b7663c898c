package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.PixelAspect;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;
import wanvae.video.picture.Yuv;

/** What every kind of output holds, how it is named, and what is left when it fails. */
class SinkTest {
    private static final OutputOptions OPTIONS =
            OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withFps(new Fps(25, 2)));

    @TempDir
    Path folder;

    private PictureSink open(String name) throws IOException {
        return VideoOutput.open(folder.resolve(name), OPTIONS);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static byte[] rounded(int height, int width, int index) {
        return new SignedPicture(Clips.frame(height, width, index))
                .toRgb(Quantization.ROUND)
                .bytes();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 7", "40, 33"})
    void pngIsReadByImageIo(int height, int width) throws IOException {
        Clips.write(open("one.png"), 1, 1, height, width);
        BufferedImage image = ImageIO.read(folder.resolve("one.png").toFile());
        assertArrayEquals(rounded(height, width, 0), Rgb.of(image).bytes());
        assertEquals(List.of("one.png"), names());
    }

    @Test
    void aPictureIsEncodedLikeItsFile() throws IOException {
        Clips.write(open("one.png"), 1, 1, 5, 7);
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("one.png")),
                PngWriter.encode(new SignedPicture(Clips.frame(5, 7, 0))));
    }

    @Test
    void sequencesFillFoldersAndPatterns() throws IOException {
        Clips.write(open("clip"), 1, 3, 8, 9);
        Clips.write(open("x%02d.png"), 2, 2, 8, 9);
        assertEquals(
                List.of(
                        "clip/frames-00000.png",
                        "clip/frames-00001.png",
                        "clip/frames-00002.png",
                        "x0-00.png",
                        "x0-01.png",
                        "x1-00.png",
                        "x1-01.png"),
                names());
        assertArrayEquals(
                rounded(8, 9, 2),
                Rgb.of(ImageIO.read(folder.resolve("clip/frames-00002.png").toFile()))
                        .bytes());
        assertArrayEquals(
                rounded(8, 9, 101),
                Rgb.of(ImageIO.read(folder.resolve("x1-01.png").toFile())).bytes());
    }

    @Test
    void foldersWithFramesAreRefusedUnlessOverwritten() throws IOException {
        Clips.write(open("clip"), 1, 3, 8, 9);
        Files.writeString(folder.resolve("clip/notes.txt"), "kept");
        IOException refusal = assertThrows(IOException.class, () -> Clips.write(open("clip"), 1, 2, 8, 9));
        assertTrue(refusal.getMessage().contains("already holds frames"), refusal.getMessage());
        Clips.write(VideoOutput.open(folder.resolve("clip"), OPTIONS.withFolders(IfExists.REPLACE)), 1, 2, 4, 4);
        assertEquals(List.of("clip/frames-00000.png", "clip/frames-00001.png", "clip/notes.txt"), names());
        assertEquals(
                4,
                ImageIO.read(folder.resolve("clip/frames-00000.png").toFile()).getWidth());
    }

    @Test
    void animatedPngIsReadByFfmpeg() throws IOException, InterruptedException {
        Clips.write(open("a.apng"), 1, 4, 20, 30);
        byte[] shown = Ffmpeg.decode(folder.resolve("a.apng"), "rgb24");
        assertEquals(4 * 3 * 20 * 30, shown.length);
        assertArrayEquals(rounded(20, 30, 3), Arrays.copyOfRange(shown, 3 * 3 * 20 * 30, shown.length));
        assertTrue(Ffmpeg.probe(folder.resolve("a.apng")).contains("r_frame_rate=25/2"));
    }

    @Test
    void gifLoopsAndKeepsItsLengthAndLooks() throws IOException {
        Clips.write(open("a.gif"), 1, 5, 40, 60);
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(folder.resolve("a.gif").toFile())) {
            reader.setInput(in);
            assertEquals(5, reader.getNumImages(true));
            BufferedImage shown = new BufferedImage(60, 40, BufferedImage.TYPE_INT_ARGB);
            for (int i = 0; i < 5; i++) {
                shown.createGraphics().drawImage(reader.read(i), 0, 0, null);
                byte[] wanted = new SignedPicture(Clips.frame(40, 60, i))
                        .toRgb(Quantization.TRUNCATE)
                        .bytes();
                double rms = Clips.rms(wanted, Rgb.of(shown).bytes());
                assertTrue(rms < 14, "frame " + i + " is off by " + rms);
                var tree = reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                var control = ((org.w3c.dom.Element) tree)
                        .getElementsByTagName("GraphicControlExtension")
                        .item(0);
                assertEquals(
                        "8", control.getAttributes().getNamedItem("delayTime").getNodeValue());
            }
        } finally {
            reader.dispose();
        }
        assertTrue(new String(Files.readAllBytes(folder.resolve("a.gif")), StandardCharsets.ISO_8859_1)
                .contains("NETSCAPE2.0"));
    }

    @Test
    void gifOfFewColorsIsExact() throws IOException {
        try (PictureSink sink = open("bars.gif")) {
            sink.begin(new VideoShape(1, 1, 16, 64));
            sink.frame(0, 0, Clips.bars(16, 64));
            sink.finish();
        }
        assertArrayEquals(
                new SignedPicture(Clips.bars(16, 64))
                        .toRgb(Quantization.TRUNCATE)
                        .bytes(),
                Rgb.of(ImageIO.read(folder.resolve("bars.gif").toFile())).bytes());
    }

    @ParameterizedTest
    @CsvSource({"16, 24", "15, 23"})
    void y4mIsReadByFfmpeg(int height, int width) throws IOException, InterruptedException {
        Clips.write(open("a.y4m"), 1, 3, height, width);
        byte[] shown = Ffmpeg.decode(folder.resolve("a.y4m"), "yuv420p");
        Yuv last = new SignedPicture(Clips.frame(height, width, 2)).toYuv(ColorMatrix.BT601, Chroma.YUV420);
        int size = last.y().length + 2 * last.u().length;
        assertEquals(3 * size, shown.length);
        assertArrayEquals(last.y(), Arrays.copyOfRange(shown, 2 * size, 2 * size + last.y().length));
        assertArrayEquals(last.v(), Arrays.copyOfRange(shown, 3 * size - last.v().length, 3 * size));
        String probe = Ffmpeg.probe(folder.resolve("a.y4m"));
        for (String line : new String[] {
            "pix_fmt=yuv420p",
            "color_range=tv",
            "chroma_location=center",
            "r_frame_rate=25/2",
            "sample_aspect_ratio=1:1"
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);
    }

    @Test
    void streamIsTheSameAsTheFile() throws IOException {
        var out = new ByteArrayOutputStream();
        Clips.write(VideoOutput.open("-", OPTIONS, out), 1, 3, 16, 24);
        Clips.write(open("a.y4m"), 1, 3, 16, 24);
        assertArrayEquals(Files.readAllBytes(folder.resolve("a.y4m")), out.toByteArray());
        IOException refusal =
                assertThrows(IOException.class, () -> Clips.write(VideoOutput.open("-", OPTIONS, out), 2, 1, 16, 24));
        assertTrue(refusal.getMessage().contains("batch of 2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s.npy", "s.safetensors"})
    void rawSamplesKeepEveryBit(String name) throws IOException {
        Clips.write(open(name), 2, 3, 5, 7);
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
        int values = 2 * 3 * 3 * 5 * 7;
        String header = new String(file.array(), 0, file.capacity() - 4 * values, StandardCharsets.ISO_8859_1);
        assertTrue(
                header.contains(
                        name.endsWith("npy")
                                ? "'shape': (2, 3, 3, 5, 7)"
                                : "\"shape\":[2, 3, 3, 5, 7],\"data_offsets\":[0,2520]"),
                header);
        assertEquals(0, header.length() % (name.endsWith("npy") ? 64 : 8));
        var data = file.position(header.length())
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] row = new float[21];
        for (int b = 0; b < 2; b++)
            for (int c = 0; c < 3; c++)
                for (int f = 0; f < 3; f++)
                    for (int y = 0; y < 5; y++) {
                        Clips.frame(5, 7, 100 * b + f).row(y, row);
                        for (int x = 0; x < 7; x++) assertEquals(row[3 * x + c], data.get());
                    }
        assertEquals(List.of(name), names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"o.mp4", "o.mov", "o.y4m", "o.gif", "o.apng"})
    void batchesAreNumbered(String name) throws IOException {
        Clips.write(open(name), 2, 2, 16, 16);
        assertEquals(List.of(name.replace(".", "-0."), name.replace(".", "-1.")), names());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"o.mp4", "o.mov", "o.y4m", "o.gif", "o.apng", "o.npy", "o.safetensors", "folder", "p-%d.png"})
    void nothingIsLeftWithoutAFinish(String name) throws IOException {
        if (!name.contains("%") && name.contains(".")) Files.writeString(folder.resolve(name), "old");
        List<String> before = names();
        try (PictureSink sink = open(name)) {
            sink.begin(new VideoShape(1, 3, 16, 16));
            sink.frame(0, 0, Clips.frame(16, 16, 0));
            sink.frame(0, 1, Clips.frame(16, 16, 1));
        }
        assertEquals(before, names());
        if (!before.isEmpty()) assertEquals("old", Files.readString(folder.resolve(name)));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(before.size(), left.count());
        }
        Clips.write(open(name), 1, 2, 16, 16);
        assertFalse(names().stream().anyMatch(left -> left.contains(".part")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"o.mp4", "o.y4m", "o.gif", "o.apng", "o.png", "o.npy", "folder", "p-%d.png"})
    void zeroFramesAreRefused(String name) throws IOException {
        assertTrue(assertThrows(IOException.class, () -> Clips.write(open(name), 1, 0, 16, 16))
                .getMessage()
                .startsWith("there are no frames"));
        assertEquals(List.of(), names());
    }

    @Test
    void aClipThatEndsEarlyIsNoClip() throws IOException {
        try (PictureSink sink = open("o.y4m")) {
            sink.begin(new VideoShape(1, 3, 16, 16));
            sink.frame(0, 0, Clips.frame(16, 16, 0));
            assertTrue(
                    assertThrows(IOException.class, sink::finish).getMessage().contains("after 1 of 3"));
        }
        assertEquals(List.of(), names());
    }

    @Test
    void noClobberRefusesBeforeAnythingIsWritten() throws IOException {
        Files.writeString(folder.resolve("o-1.mp4"), "old");
        PictureSink sink = VideoOutput.open(folder.resolve("o.mp4"), OPTIONS.withFiles(IfExists.REFUSE));
        assertTrue(assertThrows(IOException.class, () -> Clips.write(sink, 2, 1, 16, 16))
                .getMessage()
                .contains("o-1.mp4 exists already"));
        assertEquals(List.of("o-1.mp4"), names());
    }

    @Test
    void unwritablePlacesAreNamed() throws IOException {
        assertTrue(assertThrows(IOException.class, () -> open("none/o.mp4"))
                .getMessage()
                .contains("does not exist"));
        Files.writeString(folder.resolve("file"), "");
        assertTrue(assertThrows(IOException.class, () -> open("file/o.mp4"))
                .getMessage()
                .contains("is no folder"));
        assertTrue(
                assertThrows(IOException.class, () -> open("file")).getMessage().contains("is no folder"));
        Files.createDirectory(folder.resolve("d"));
        assertTrue(assertThrows(
                        IOException.class,
                        () -> Clips.write(Mp4Writer.create(folder.resolve("d"), Mp4Options.DEFAULT), 1, 1, 16, 16))
                .getMessage()
                .contains("is a folder"));
        var ending = assertThrows(VideoOutput.UnsupportedEndingException.class, () -> open("o.avi"));
        assertTrue(ending.getMessage().contains(".mp4") && ending.getMessage().contains(".safetensors"));
        assertTrue(assertThrows(VideoOutput.UnsupportedEndingException.class, () -> open("Wan2.1_frames"))
                .getMessage()
                .contains("Wan2.1_frames/, it would be a folder of PNGs"));
        assertThrows(IOException.class, () -> open("a%d%d.png"));
        assertTrue(assertThrows(IOException.class, () -> Clips.write(open("o.png"), 1, 2, 8, 8))
                .getMessage()
                .contains("one frame"));
    }

    @Test
    void aFullDiskIsASentence() throws IOException {
        OutputStream full = new OutputStream() {
            private int left = 500;

            @Override
            public void write(int b) throws IOException {
                if (left-- == 0) throw new IOException("No space left on device");
            }
        };
        assertTrue(assertThrows(
                        IOException.class,
                        () -> Clips.write(Y4mWriter.to(full, Fps.of(16), Color.AUTO, PixelAspect.SQUARE), 1, 9, 64, 64))
                .getMessage()
                .contains("No space left on device"));
        // Larger than any disk: refused before a byte of it is written.
        try (PictureSink sink = open("o.npy")) {
            assertTrue(assertThrows(IOException.class, () -> sink.begin(new VideoShape(1000, 2_000_000, 8192, 8192)))
                    .getMessage()
                    .contains("o.npy"));
        }
        assertEquals(List.of(), names());
    }

    @Test
    void linksStayLinks() throws IOException {
        Files.writeString(folder.resolve("real.y4m"), "old");
        Files.createSymbolicLink(folder.resolve("link.y4m"), Path.of("real.y4m"));
        Clips.write(open("link.y4m"), 1, 1, 16, 16);
        assertTrue(Files.isSymbolicLink(folder.resolve("link.y4m")));
        assertTrue(Files.size(folder.resolve("real.y4m")) > 300);
    }

    /** As long as file systems take: what is written beside it has a short name. */
    @ParameterizedTest
    @ValueSource(strings = {".mp4", ".mov", ".gif", ".apng", ".y4m", ".npy", ".png", "", "%d.png"})
    void namesOf255BytesAreWritten(String ending) throws IOException {
        String name = "x".repeat(254 - ending.length()) + (ending.contains("%") ? "xx" : "x") + ending;
        Clips.write(open(name), 1, 1, 16, 16);
        assertEquals(1, names().size());
    }
}
