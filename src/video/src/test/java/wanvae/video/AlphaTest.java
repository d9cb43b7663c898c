package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Background;
import wanvae.video.picture.DeepPicture;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.Rgba;
import wanvae.video.picture.SignedPicture;
import wanvae.video.picture.UnitPicture;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;

/** Pictures with an alpha channel, and of 16 bits: what keeps them, and what becomes of them elsewhere. */
class AlphaTest {
    /** Half transparent red, opaque green, transparent blue, white of alpha 1. */
    private static final byte[] PIXELS = {-1, 0, 0, -128, 0, -1, 0, -1, 0, 0, -1, 0, -1, -1, -1, 1};

    private static final Rgba PICTURE = new Rgba(2, 2, PIXELS);

    @TempDir
    Path folder;

    private Path write(String name, OutputOptions options, List<String> warnings, Picture... pictures)
            throws IOException {
        Path file = folder.resolve(name);
        try (PictureSink sink = VideoOutput.open(file, options)) {
            sink.begin(new VideoShape(1, pictures.length, 2, 2, 4));
            for (int i = 0; i < pictures.length; i++) sink.picture(0, i, pictures[i]);
            sink.finish();
            warnings.addAll(sink.warnings());
        }
        return file;
    }

    private static PictureSource open(Path file) throws IOException {
        return PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT);
    }

    private static byte[] rgb(Picture picture, Background background) {
        return picture.over(background).toRgb(Quantization.ROUND).bytes();
    }

    /** The same picture in every form that has alpha. */
    private static List<Picture> forms() {
        float[] unit = new float[16], signed = new float[16];
        short[] deep = new short[16];
        for (int i = 0; i < 16; i++) {
            unit[i] = (PIXELS[i] & 255) / 255f;
            signed[i] = (PIXELS[i] & 255) / 127.5f - 1;
            deep[i] = (short) ((PIXELS[i] & 255) * 257);
        }
        return List.of(
                PICTURE,
                new UnitPicture(2, 2, unit),
                new SignedPicture(Frame.of(2, 2, signed)),
                new DeepPicture(2, 2, deep));
    }

    @Test
    void everyFormIsCompositedAlike() {
        Background orange = Background.parse("#ff8000");
        for (Picture picture : forms()) {
            assertTrue(picture.hasAlpha() && !picture.isOpaque());
            assertArrayEquals(
                    new byte[] {-128, 0, 0, 0, -1, 0, 0, 0, 0, 1, 1, 1}, rgb(picture, Background.BLACK), "" + picture);
            assertArrayEquals(
                    new byte[] {-1, 64, 0, 0, -1, 0, -1, -128, 0, -1, -128, 1}, rgb(picture, orange), "" + picture);
            assertArrayEquals(
                    rgb(picture, Background.BLACK),
                    picture.toRgb(Quantization.ROUND).bytes());
            assertArrayEquals(PIXELS, picture.toRgba(Quantization.ROUND).bytes());
            assertEquals(4, picture.toFrame().channels());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.png", "a.apng", "frames", "a-%d.png"})
    void pngsKeepIt(String name) throws IOException, InterruptedException {
        for (Picture picture : forms()) {
            List<String> warnings = new java.util.ArrayList<>();
            Path file = write(name, OutputOptions.DEFAULT.withFolders(IfExists.REPLACE), warnings, picture);
            assertEquals(List.of(), warnings);
            if (name.endsWith("apng")) {
                boolean deep = picture instanceof DeepPicture;
                byte[] shown = Ffmpeg.decode(file, deep ? "rgba64be" : "rgba");
                for (int i = 0; i < 16; i++) assertEquals(PIXELS[i], shown[deep ? 2 * i : i]);
                continue;
            }
            try (PictureSource source = open(file)) {
                assertEquals(4, source.shape().channels());
                Picture read = source.next().orElseThrow();
                assertArrayEquals(PIXELS, read.toRgba(Quantization.ROUND).bytes());
                assertEquals(picture instanceof DeepPicture, read instanceof DeepPicture);
            }
        }
    }

    @Test
    void rawSamplesKeepIt() throws IOException {
        byte[] npy = Files.readAllBytes(write("a.npy", OutputOptions.DEFAULT, new java.util.ArrayList<>(), PICTURE));
        assertTrue(new String(npy, 0, 128, java.nio.charset.StandardCharsets.US_ASCII).contains("(1, 4, 1, 2, 2)"));
        assertEquals(128 + 64, npy.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.mp4", "a.y4m", "a.gif"})
    void otherOutputsShowABackgroundAndSaySoOnce(String name) throws IOException {
        List<String> warnings = new java.util.ArrayList<>();
        OutputOptions options = OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withMacroBlockSize(1));
        write(name, options, warnings, PICTURE, PICTURE);
        assertEquals(List.of("what is transparent is shown on black"), warnings);
        warnings.clear();
        write(name, options.withBackground(Background.parse("#ff8000")), warnings, PICTURE);
        assertEquals(List.of("what is transparent is shown on #ff8000"), warnings);
        warnings.clear();
        write(name, options, warnings, new Rgb(2, 2, new byte[12]).toRgba(Quantization.ROUND));
        assertEquals(List.of(), warnings);
    }

    @Test
    void aBackgroundThatIsAskedForIsInEveryOutput() throws IOException {
        List<String> warnings = new java.util.ArrayList<>();
        Path file = write("a.png", OutputOptions.DEFAULT.withBackground(Background.parse("white")), warnings, PICTURE);
        try (PictureSource source = open(file)) {
            assertEquals(3, source.shape().channels());
            assertArrayEquals(
                    rgb(PICTURE, Background.parse("white")),
                    source.next().orElseThrow().toRgb(Quantization.ROUND).bytes());
        }
        assertEquals(1, warnings.size());
    }

    /** One picture with alpha in a folder: the animation has alpha, and the others are opaque in it. */
    @Test
    void foldersOfBothKinds() throws IOException, InterruptedException {
        Path in = Files.createDirectory(folder.resolve("in"));
        Files.write(in.resolve("f-0.png"), PngWriter.encode(new Rgb(2, 2, new byte[12])));
        Files.write(in.resolve("f-1.png"), PngWriter.encode(PICTURE));
        Path out = folder.resolve("out.apng");
        try (PictureSource source = open(in);
                PictureSink sink = VideoOutput.open(out, OutputOptions.DEFAULT)) {
            assertEquals(4, source.shape().channels());
            source.copyTo(sink, sent -> {});
        }
        byte[] shown = Ffmpeg.decode(out, "rgba");
        assertArrayEquals(new byte[] {0, 0, 0, -1}, java.util.Arrays.copyOf(shown, 4));
        assertArrayEquals(PIXELS, java.util.Arrays.copyOfRange(shown, 16, 32));
    }

    @Test
    void sixteenBitsAreKept() throws IOException {
        short[] values = new short[12];
        for (int i = 0; i < 12; i++) values[i] = (short) (i * 5461 + 3);
        DeepPicture deep = new DeepPicture(2, 2, values);
        Path file = Files.write(folder.resolve("d.png"), PngWriter.encode(deep));
        try (PictureSource source = open(file)) {
            assertArrayEquals(values, ((DeepPicture) source.next().orElseThrow()).values());
        }
        float[] row = new float[6];
        deep.toFrame().row(1, row);
        assertEquals((6 * 5461 + 3) / 32767.5f - 1, row[0]);
        assertEquals(
                (byte) Math.rint((5461 + 3) / 257.0),
                deep.toRgb(Quantization.ROUND).bytes()[1]);
    }

    /** Grey pictures of every depth with alpha, which Java takes for linear light. */
    @Test
    void greyWithAlphaKeepsItsLevels() throws IOException {
        ColorModel model = new ComponentColorModel(
                java.awt.color.ColorSpace.getInstance(java.awt.color.ColorSpace.CS_GRAY),
                true,
                false,
                java.awt.Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
        raster.setPixel(0, 0, new int[] {100, 50});
        ImageIO.write(
                new BufferedImage(model, raster, false, null),
                "png",
                folder.resolve("g.png").toFile());
        try (PictureSource source = open(folder.resolve("g.png"))) {
            assertArrayEquals(
                    new byte[] {100, 100, 100, 50},
                    source.next().orElseThrow().toRgba(Quantization.ROUND).bytes());
        }
    }
}
