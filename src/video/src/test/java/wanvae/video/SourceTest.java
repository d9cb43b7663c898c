package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.image.PngStream;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;

/** Frames that did not come from a decoder: what is read, what is passed on untouched, and what is refused. */
class SourceTest {
    @TempDir
    Path folder;

    private static InputStream none() {
        return InputStream.nullInputStream();
    }

    private PictureSource open(String name) throws IOException {
        return PictureSource.open(folder.resolve(name).toString(), none(), SourceOptions.DEFAULT);
    }

    private Path export(String from, String to) throws IOException {
        Path target = folder.resolve(to);
        try (PictureSource source = open(from);
                PictureSink sink = VideoOutput.open(target, OutputOptions.DEFAULT)) {
            source.copyTo(sink, sent -> {});
        }
        return target;
    }

    private static PictureSource y4m(String header, byte[] body) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return PictureSource.open("-", new ByteArrayInputStream(bytes.toByteArray()), SourceOptions.DEFAULT);
    }

    private void npy(String name, String type, String shape, byte[] data) throws IOException {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        Files.write(
                folder.resolve(name),
                ByteBuffer.allocate(10 + header.length() + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                        .putShort((short) header.length())
                        .put(header.getBytes(StandardCharsets.US_ASCII))
                        .put(data)
                        .array());
    }

    @ParameterizedTest
    @CsvSource({"16, 32", "15, 31", "64, 48"})
    void y4mPassesThroughUntouched(int height, int width) throws IOException {
        Clips.write(VideoOutput.open(folder.resolve("a.y4m"), OutputOptions.DEFAULT), 1, 4, height, width);
        try (PictureSource source = open("a.y4m")) {
            assertEquals(new VideoShape(1, 4, height, width), source.shape());
            assertEquals(Fps.of(16), source.fps().orElseThrow());
        }
        assertArrayEquals(Files.readAllBytes(folder.resolve("a.y4m")), Files.readAllBytes(export("a.y4m", "b.y4m")));
    }

    @Test
    void y4mReachesTheEncoderUntouched() throws IOException, InterruptedException {
        byte[] planes = new byte[64 * 48 * 3 / 2];
        new Random(5).nextBytes(planes);
        byte[] body = new byte[6 + planes.length];
        System.arraycopy("FRAME\n".getBytes(StandardCharsets.US_ASCII), 0, body, 0, 6);
        System.arraycopy(planes, 0, body, 6, planes.length);
        Path mp4 = folder.resolve("a.mp4");
        try (PictureSource source = y4m("YUV4MPEG2 W64 H48 F25:1 C420jpeg\n", body);
                PictureSink sink =
                        Mp4Writer.create(mp4, Mp4Options.DEFAULT.withFps(25).withQp(0))) {
            assertEquals(VideoShape.UNKNOWN, source.shape().frames());
            assertEquals(1, source.copyTo(sink, sent -> {}));
        }
        // Values outside the limited range would not survive a way through RGB.
        assertTrue(Clips.rms(planes, Ffmpeg.decode(mp4, "yuv420p")) < 1);
    }

    @ParameterizedTest
    @CsvSource({"yuv422p, 34, 22", "yuv444p, 33, 21", "gray, 33, 21", "yuv420p, 35, 23", "yuvj420p, 32, 16"})
    void readsWhatFfmpegWrites(String format, int width, int height) throws IOException, InterruptedException {
        Path file = folder.resolve("a.y4m");
        Ffmpeg.run(
                "ffmpeg",
                List.of(
                        "-v",
                        "error",
                        "-f",
                        "lavfi",
                        "-i",
                        "testsrc2=s=" + width + "x" + height + ":r=30000/1001:d=0.1",
                        "-strict",
                        "-1",
                        "-pix_fmt",
                        format,
                        file.toString()));
        byte[] rgb = Ffmpeg.decode(file, "rgb24");
        try (PictureSource source = open("a.y4m")) {
            assertEquals(new Fps(30000, 1001), source.fps().orElseThrow());
            int frames = 0;
            for (Optional<Picture> next; (next = source.next()).isPresent(); frames++) {
                byte[] ours = next.get().toRgb(Quantization.ROUND).bytes();
                double rms = Clips.rms(Arrays.copyOfRange(rgb, frames * ours.length, (frames + 1) * ours.length), ours);
                // Averaging 4:4:4 chroma blurs the edges of a test card; everything else agrees.
                assertTrue(
                        rms < (format.equals("yuv444p") || format.equals("yuv422p") ? 25 : 3.5),
                        format + " is off by " + rms);
            }
            assertEquals(3, frames);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "YUV4MPEG2 \n",
                "YUV4MPEG2 W0 H4\n",
                "YUV4MPEG2 W99999 H99999\n",
                "YUV4MPEG2 Wx H4\n",
                "YUV4MPEG2 W4 H4 It\n",
                "YUV4MPEG2 W4 H4 C420p10\n",
                "YUV4MPEG2 W4 H4 F0:1\n",
                "YUV4MPEG2 W4 H4\nNOFRAME\n",
                "YUV4MPEG2 W4 H4\nFRAME\nshort",
                "YUV4MPEG2 W16384 H4096\nFRAME\nshort"
            })
    void badY4mIsOneSentence(String text) throws IOException {
        FormatException e = assertThrows(FormatException.class, () -> {
            try (PictureSource source = y4m(text, new byte[0])) {
                source.next().orElseThrow();
            }
        });
        assertTrue(e.getMessage().startsWith("standard input"), e.getMessage());
    }

    @Test
    void aHeaderWithoutFramesIsNoVideo() throws IOException {
        try (PictureSource source = y4m("YUV4MPEG2 W4 H4 F1:1\n", new byte[0]);
                PictureSink sink = VideoOutput.open(folder.resolve("o.mp4"), OutputOptions.DEFAULT)) {
            assertThrows(IOException.class, () -> source.copyTo(sink, sent -> {}));
        }
        try (var left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void pngFoldersAndPatternsAreReadInOrder() throws IOException {
        Files.createDirectory(folder.resolve("in"));
        for (int i = 0; i < 12; i++)
            Files.write(
                    folder.resolve("in/f-" + i + ".png"),
                    PngStream.image(new SignedPicture(Clips.frame(9, 11, i)).toRgb(Quantization.ROUND)));
        for (String name : new String[] {"in", "in/f-%d.png"})
            try (PictureSource source = open(name)) {
                assertEquals(new VideoShape(1, 12, 9, 11), source.shape());
                for (int i = 0; i < 12; i++)
                    assertArrayEquals(
                            new SignedPicture(Clips.frame(9, 11, i))
                                    .toRgb(Quantization.ROUND)
                                    .bytes(),
                            source.next()
                                    .orElseThrow()
                                    .toRgb(Quantization.TRUNCATE)
                                    .bytes());
                assertTrue(source.next().isEmpty());
            }
        Files.write(
                folder.resolve("in/f-5.png"),
                PngStream.image(new SignedPicture(Clips.frame(9, 10, 5)).toRgb(Quantization.ROUND)));
        assertTrue(assertThrows(FormatException.class, () -> export("in", "o.gif"))
                .getMessage()
                .contains("f-5.png is 10x9, expected 11x9"));
    }

    @Test
    void everyKindOfPngIsRgb() throws IOException {
        BufferedImage grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) grey.getRaster().setSample(i % 16, i / 16, 0, i);
        ImageIO.write(grey, "png", folder.resolve("grey.png").toFile());
        try (PictureSource source = open("grey.png")) {
            byte[] bytes =
                    source.next().orElseThrow().toRgb(Quantization.TRUNCATE).bytes();
            for (int i = 0; i < 256; i++) assertEquals((byte) i, bytes[3 * i]);
        }
        for (int type : new int[] {
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_BGR,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_BYTE_INDEXED
        }) {
            BufferedImage image = new BufferedImage(2, 1, type);
            image.setRGB(0, 0, 0xffff0000);
            image.setRGB(1, 0, 0xff0000ff);
            ImageIO.write(image, "png", folder.resolve("x.png").toFile());
            try (PictureSource source = open("x.png")) {
                assertArrayEquals(
                        new byte[] {-1, 0, 0, 0, 0, -1},
                        source.next().orElseThrow().toRgb(Quantization.TRUNCATE).bytes());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"s.npy", "s.safetensors"})
    void rawSamplesComeBackBitForBit(String name) throws IOException {
        Clips.write(VideoOutput.open(folder.resolve(name), OutputOptions.DEFAULT), 2, 3, 5, 7);
        assertArrayEquals(Files.readAllBytes(folder.resolve(name)), Files.readAllBytes(export(name, "again-" + name)));
    }

    @Test
    void floatFramesAreTruncatedAndBytesAreTheirOwn() throws IOException {
        ByteBuffer floats = ByteBuffer.allocate(2 * 4 * 5 * 3 * 4).order(ByteOrder.LITTLE_ENDIAN);
        byte[] expected = new byte[120];
        for (int i = 0; i < 120; i++) {
            floats.putFloat(i / 119f);
            expected[i] = (byte) (int) (i / 119f * 255f);
        }
        npy("f.npy", "<f4", "(2, 4, 5, 3)", floats.array());
        npy("u.npy", "|u1", "(2, 4, 5, 3)", expected);
        for (String name : new String[] {"f.npy", "u.npy"})
            try (PictureSource source = open(name)) {
                assertEquals(new VideoShape(1, 2, 4, 5), source.shape());
                assertArrayEquals(
                        Arrays.copyOf(expected, 60),
                        source.next().orElseThrow().toRgb(Quantization.TRUNCATE).bytes());
                assertArrayEquals(
                        Arrays.copyOfRange(expected, 60, 120),
                        source.next().orElseThrow().toRgb(Quantization.TRUNCATE).bytes());
                assertTrue(source.next().isEmpty());
            }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "(2, 4, 5, 4);|u1",
                "(3,);<f4",
                "(2, 4, 5, 7, 8);|u1",
                "(9, 9, 9, 3);|u1",
                "(0, 4, 0, 3);<f4",
                "(1, 2, 2, 3, 5);<f4",
                "(99999999999, 99999999999, 99999999999, 3);|u1"
            })
    void otherTensorsAreRefused(String shape, String type) throws IOException {
        npy("x.npy", type, shape, new byte[480]);
        FormatException e =
                assertThrows(FormatException.class, () -> open("x.npy").close());
        assertTrue(e.getMessage().contains("x.npy"), e.getMessage());
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        Files.writeString(folder.resolve("bad.png"), "no image");
        Files.writeString(folder.resolve("x.avi"), "");
        Files.createDirectory(folder.resolve("empty"));
        for (String name : new String[] {"bad.png", "x.avi", "empty", "none.y4m", "none-%03d.png"})
            assertTrue(
                    assertThrows(IOException.class, () -> open(name).close())
                            .getMessage()
                            .contains(name.replace(".y4m", "")),
                    name);
    }

    @Test
    void exportToVideoTakesImagesFloatsAndBytes() throws IOException {
        int height = 32;
        int width = 48;
        List<Object> images = new ArrayList<>();
        List<Object> floats = new ArrayList<>();
        List<Object> bytes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            byte[] rgb = new SignedPicture(Clips.frame(height, width, i))
                    .toRgb(Quantization.ROUND)
                    .bytes();
            float[][][] values = new float[height][width][3];
            byte[][][] levels = new byte[height][width][3];
            for (int k = 0; k < rgb.length; k++) {
                levels[k / 3 / width][k / 3 % width][k % 3] = rgb[k];
                values[k / 3 / width][k / 3 % width][k % 3] = ((rgb[k] & 255) + 0.5f) / 255;
            }
            images.add(new Rgb(height, width, rgb).toBufferedImage());
            floats.add(values);
            bytes.add(levels);
        }
        byte[] expected = Files.readAllBytes(ExportToVideo.export(images, folder.resolve("i.mp4")));
        assertArrayEquals(expected, Files.readAllBytes(ExportToVideo.export(floats, folder.resolve("f.mp4"))));
        assertArrayEquals(
                expected,
                Files.readAllBytes(ExportToVideo.export(bytes, folder.resolve("b.mp4"), ExportToVideo.DEFAULT)));
        Path temporary = ExportToVideo.export(images);
        assertTrue(temporary.toString().endsWith(".mp4"));
        assertArrayEquals(expected, Files.readAllBytes(temporary));
        Files.delete(temporary);
    }

    @Test
    void exportToVideoRefusesOtherThings() {
        Path file = folder.resolve("o.mp4");
        assertThrows(IllegalArgumentException.class, () -> ExportToVideo.export(List.of(), file));
        assertThrows(IllegalArgumentException.class, () -> ExportToVideo.export(List.of("text"), file));
        assertThrows(IllegalArgumentException.class, () -> ExportToVideo.export(List.of(new float[2][2][4]), file));
        assertThrows(IllegalArgumentException.class, () -> ExportToVideo.export(List.of(new float[2][0][3]), file));
        assertThrows(
                IllegalArgumentException.class,
                () -> ExportToVideo.export(List.of(new byte[2][2][3], new byte[2][4][3]), file));
        assertTrue(Files.notExists(file));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void framesThatAreNotFiniteAreRefusedUnlessAllowed(float value) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(4 * 3 * 2 * 4 * 5).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(4 * (60 + 3 * (1 * 5 + 2) + 1), value);
        npy("frames.npy", "<f4", "(2, 4, 5, 3)", data.array());
        try (PictureSource source = open("frames.npy")) {
            source.next().orElseThrow();
            String message = assertThrows(FormatException.class, source::next).getMessage();
            assertTrue(message.contains("frame 1 holds " + value + " at [1, 2]"), message);
        }
        try (PictureSource source = PictureSource.open(
                folder.resolve("frames.npy").toString(), none(), SourceOptions.DEFAULT.withAllowNonfinite(true))) {
            source.next().orElseThrow();
            byte level = source.next().orElseThrow().toRgb(Quantization.ROUND).bytes()[3 * (1 * 5 + 2) + 1];
            assertEquals(value == Float.POSITIVE_INFINITY ? (byte) 255 : 0, level);
        }
        npy("sample.npy", "<f4", "(2, 3, 1, 4, 5)", data.array());
        try (PictureSource source = open("sample.npy")) {
            source.next().orElseThrow();
            String message = assertThrows(FormatException.class, source::next).getMessage();
            assertTrue(message.contains("frame 0 of member 1 holds " + value), message);
        }
    }

    @Test
    void exportToVideoTakesFiniteFramesOnly() {
        float[][][] frame = new float[4][4][3];
        frame[1][2][0] = Float.NaN;
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> ExportToVideo.export(List.of((Object) frame), folder.resolve("out.mp4")))
                .getMessage()
                .contains("frame 0 holds NaN"));
    }

    @Test
    void gapsAndPicturesOfOtherNamesAreTold() throws IOException {
        Files.createDirectory(folder.resolve("in"));
        for (String name : List.of("f-1.png", "f-2.png", "f-5.png", "cover.png"))
            Files.write(folder.resolve("in").resolve(name), PngStream.image(new Rgb(1, 1, new byte[3])));
        try (PictureSource source = open("in")) {
            assertEquals(4, source.shape().frames());
            assertEquals(2, source.notes().size());
            assertTrue(source.notes().getFirst().endsWith("not named like f-1.png: cover.png"));
            assertTrue(source.notes().getLast().endsWith("missing: 3 to 4"));
        }
        try (PictureSource source = open("in/f-%d.png")) {
            assertEquals(3, source.shape().frames());
            assertEquals(1, source.notes().size());
            assertTrue(source.notes().getLast().endsWith("missing: 3 to 4"));
        }
    }

    /** People rename pictures: what they are tells their content. */
    @ParameterizedTest
    @ValueSource(strings = {"photo.png", "photo.jpg", "photo.JPEG"})
    void aJpegIsReadAsSuchWhateverItsName(String name) throws IOException {
        BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
        image.createGraphics().fillRect(0, 0, 16, 8);
        ImageIO.write(image, "jpeg", folder.resolve(name).toFile());
        for (String source : new String[] {name, ""})
            try (PictureSource frames = open(source)) {
                assertEquals(new VideoShape(1, 1, 8, 16), frames.shape());
                assertEquals(
                        -1,
                        frames.next().orElseThrow().toRgb(Quantization.ROUND).bytes()[0]);
            }
    }
}
