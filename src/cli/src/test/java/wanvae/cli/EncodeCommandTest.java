package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.encode.EncodeOptions;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedVideo;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.video.IfExists;
import wanvae.video.SampleWriter;
import wanvae.video.picture.SignedPicture;

class EncodeCommandTest {
    private static final WanConfig CONFIG = new WanConfig(
            "AutoencoderKLWan",
            4,
            16,
            WanConfig.WAN_2_1.dimMult(),
            1,
            WanConfig.WAN_2_1.temporalUpsample(),
            WanConfig.WAN_2_1.latentsMean(),
            WanConfig.WAN_2_1.latentsStd(),
            false,
            3,
            1);

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static Path vae;

    @BeforeAll
    static void write() throws IOException {
        vae = shared.resolve("vae");
        GeneratedVae.writeVae(CONFIG, 1, DType.F32, vae);
    }

    private static String succeeds(Object... args) {
        Cli run = Cli.run(args);
        assertEquals(0, run.code(), run.err());
        return run.err();
    }

    private static void fails(int code, String message, Object... args) {
        Cli run = Cli.run(args);
        assertEquals(code, run.code(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(
                1, run.err().lines().filter(line -> line.startsWith("wanvae:")).count(), run.err());
    }

    private static float[] values(Latents latents) {
        return latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    /** A raw sample, {@code [1][3][F][H][W]}. */
    private Path sample(String name, VideoShape shape) throws IOException {
        Path file = folder.resolve(name);
        GeneratedVideo video = new GeneratedVideo(shape, 3);
        try (SampleWriter writer = name.endsWith(".npy")
                ? SampleWriter.npy(file, IfExists.REFUSE)
                : SampleWriter.safetensors(file, IfExists.REFUSE)) {
            writer.begin(shape);
            int i = 0;
            for (var next = video.next(); next.isPresent(); next = video.next(), i++) {
                Frame frame = next.get();
                writer.picture(i / shape.frames(), i % shape.frames(), new SignedPicture(frame));
            }
            writer.finish();
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource({
        "sample.npy, latents.safetensors, f32",
        "sample.safetensors, latents.npy, f32",
        "sample.npy, latents.pt, bf16"
    })
    void aRawSampleGoesInUntouched(String in, String out, String dtype) throws IOException {
        VideoShape shape = new VideoShape(2, 5, 24, 32);
        Path file = folder.resolve(out);
        succeeds("encode", sample(in, shape), "-w", vae, "-o", file, "--dtype", dtype);
        try (WanVae open = WanVae.open(vae, OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            Latents expected = open.encode(new GeneratedVideo(shape, 3), EncodeOptions.DEFAULT);
            Latents written = Latents.read(file);
            assertEquals(expected.shape(), written.shape());
            assertArrayEquals(values(expected), values(written), dtype.equals("f32") ? 0 : 0.05f);
        }
        succeeds("decode", file, "-w", vae, "-o", folder.resolve("back-%d.png"));
    }

    /** What is exported from the same pictures encodes to the same latents, but for what the format loses. */
    @Test
    void videosAndPictures() throws IOException {
        Path sample = sample("sample.npy", new VideoShape(1, 9, 32, 48));
        Path pictures = folder.resolve("frames-%03d.png"), y4m = folder.resolve("v.y4m");
        succeeds("export", sample, "-o", pictures);
        succeeds("export", sample, "-o", y4m, "--fps", "8", "--macro-block-size", "1");
        Path fromPattern = folder.resolve("p.npy"), fromFolder = folder.resolve("f.npy");
        Path fromY4m = folder.resolve("y.npy"), fromStream = folder.resolve("s.npy");
        succeeds("encode", pictures, "-w", vae, "-o", fromPattern);
        succeeds("encode", folder, "-w", vae, "-o", fromFolder);
        succeeds("encode", y4m, "-w", vae, "-o", fromY4m);
        Cli stream = Cli.runWith(Files.readAllBytes(y4m), "encode", "-", "-w", vae, "-o", fromStream);
        assertEquals(0, stream.code(), stream.err());
        assertEquals(new LatentShape(1, 16, 3, 4, 6), Latents.read(fromPattern).shape());
        assertArrayEquals(values(Latents.read(fromPattern)), values(Latents.read(fromFolder)));
        assertArrayEquals(values(Latents.read(fromY4m)), values(Latents.read(fromStream)));

        Path some = folder.resolve("some.npy");
        succeeds("encode", y4m, "-w", vae, "-o", some, "--start", "0.5", "--fps", "4", "--frames", "5");
        assertEquals(new LatentShape(1, 16, 1, 4, 6), Latents.read(some).shape()); // frames 4, 6, 8
        succeeds("encode", y4m, "-w", vae, "-o", some, "--frames", "5", "--size", "64x40");
        assertEquals(new LatentShape(1, 16, 2, 5, 8), Latents.read(some).shape());
        fails(1, "ends before the start", "encode", y4m, "-w", vae, "-o", some, "--start", "9");
        fails(1, "does not tell its frame rate", "encode", pictures, "-w", vae, "-o", some, "--fps", "4");
        fails(2, "--frames", "encode", pictures, "-w", vae, "-o", some, "--frames", "x");
    }

    @Test
    void moviesAndAnimations() throws IOException {
        Path sample = sample("sample.npy", new VideoShape(1, 9, 32, 48));
        Path out = folder.resolve("l.npy");
        for (String name : List.of("v.mp4", "v.gif")) {
            Path movie = folder.resolve(name);
            succeeds("export", sample, "-o", movie, "--fps", "10");
            String told = succeeds("encode", movie, "-w", vae, "-o", out);
            assertFalse(told.contains("Note"), told);
            assertEquals(new LatentShape(1, 16, 3, 4, 6), Latents.read(out).shape());
        }
        Path prores = folder.resolve("v.mov");
        succeeds("export", sample, "-o", prores);
        fails(1, "ProRes, and only H.264 is decoded", "encode", prores, "-w", vae, "-o", out);
        Path text = Files.writeString(folder.resolve("t.gif"), "no GIF");
        fails(1, "is no GIF", "encode", text, "-w", vae, "-o", out);
    }

    @Test
    void fitting() throws IOException {
        Path sample = sample("sample.npy", new VideoShape(1, 7, 29, 43));
        Path out = folder.resolve("l.npy");
        String told = succeeds("encode", sample, "-w", vae, "-o", out);
        assertTrue(told.contains("2 of 7 frames make no latent frame"), told);
        assertTrue(told.contains("40x24 of 43x29 pixels become latents"), told);
        assertEquals(new LatentShape(1, 16, 2, 3, 5), Latents.read(out).shape());
        succeeds("encode", sample, "-w", vae, "-o", out, "--fit", "crop");
        assertEquals(new LatentShape(1, 16, 2, 3, 5), Latents.read(out).shape());
        succeeds("encode", sample, "-w", vae, "-o", out, "--fit", "scale");
        assertEquals(new LatentShape(1, 16, 2, 3, 5), Latents.read(out).shape());
        told = succeeds("encode", sample, "-w", vae, "-o", out, "--fit", "pad");
        assertFalse(told.contains("left out"), told);
        assertEquals(new LatentShape(1, 16, 3, 4, 6), Latents.read(out).shape());
    }

    @Test
    void momentsSamplesAndRawLatents() throws IOException {
        Path sample = sample("sample.npy", new VideoShape(1, 1, 16, 16));
        Path out = folder.resolve("l.safetensors"), again = folder.resolve("m.safetensors");
        succeeds("encode", sample, "-w", vae, "-o", out, "--posterior", "moments");
        assertEquals(32, Latents.read(out).shape().channels());
        succeeds("encode", sample, "-w", vae, "-o", out, "--posterior", "sample", "--seed", "7");
        succeeds("encode", sample, "-w", vae, "-o", again, "--posterior", "sample", "--seed", "7", "--threads", "1");
        assertEquals(-1, Files.mismatch(out, again));
        String told = succeeds("encode", sample, "-w", vae, "-o", out, "--latents", "raw");
        assertTrue(told.contains("--latents raw"), told);
    }

    @Test
    void whatIsRefused() throws IOException {
        Path sample = sample("sample.npy", new VideoShape(1, 1, 16, 16));
        Path out = folder.resolve("l.safetensors");
        fails(2, ".safetensors, .npy or .pt", "encode", sample, "-w", vae, "-o", folder.resolve("l.mp4"));
        fails(2, "no BF16", "encode", sample, "-w", vae, "-o", folder.resolve("l.npy"), "--dtype", "bf16");
        fails(2, "--seed", "encode", sample, "-w", vae, "-o", out, "--seed", "1");
        fails(2, "--tile-frames", "encode", sample, "-w", vae, "-o", out, "--tile-frames", "16:12");
        fails(2, "WIDTHxHEIGHT", "encode", sample, "-w", vae, "-o", out, "--size", "16");
        fails(1, "does not exist", "encode", folder.resolve("no.y4m"), "-w", vae, "-o", out);
        fails(1, "at least", "encode", sample, "-w", vae, "-o", out, "--memory", "1m");
        fails(1, "too small", "encode", sample, "-w", vae, "-o", out, "--size", "7x16");
        Path decoderOnly = folder.resolve("half.wanvae");
        succeeds("convert", vae, decoderOnly, "--decoder-only");
        fails(1, "encoder", "encode", sample, "-w", decoderOnly, "-o", out);
        Path cut = folder.resolve("cut.y4m");
        Files.writeString(cut, "YUV4MPEG2 W16 H16 F8:1 C420\nFRAME\n" + "x".repeat(384) + "FRAME\nxx");
        fails(1, "frame 1 ends too early", "encode", cut, "-w", vae, "-o", out);
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("cut.y4m", "half.wanvae", "sample.npy"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        succeeds("encode", sample, "-w", vae, "-o", out);
        fails(1, "exist", "encode", sample, "-w", vae, "-o", out, "--no-clobber");
    }

    @Test
    void whatIsTransparentIsTold() throws IOException {
        Path picture = folder.resolve("clear.png");
        ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB), "png", picture.toFile());
        String said = succeeds("encode", picture, "-w", vae, "-o", folder.resolve("clear.npy"));
        assertTrue(said.contains("what is transparent in " + picture + " is shown on black"), said);
    }
}
