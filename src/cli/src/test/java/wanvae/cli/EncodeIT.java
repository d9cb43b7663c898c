package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.PublishedVae;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedVideo;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorFile;
import wanvae.video.IfExists;
import wanvae.video.SampleWriter;
import wanvae.video.picture.SignedPicture;

/** {@code wanvae encode} as a user starts it. */
class EncodeIT {
    private static final String LAUNCHER =
            Path.of("../../scripts/wanvae").toAbsolutePath().toString();
    private static final Path GOLDEN = Path.of("../core/src/test/resources/wanvae/golden/encode");

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        return new Ended(
                process.exitValue(), Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
    }

    /** The reference's video into the latents that the reference makes of it. */
    @ParameterizedTest
    @CsvSource({"tae_wan21, taew2_1, 1", "tae_wan22, taew2_2, 2"})
    void tinyAutoencoders(String golden, String family, long seed) throws Exception {
        GeneratedVae.writeVae(PublishedVae.of(family).orElseThrow().config(), seed, DType.F32, folder.resolve("vae"));
        Files.move(folder.resolve("vae/diffusion_pytorch_model.safetensors"), folder.resolve("tiny.safetensors"));
        float[] expected;
        try (TensorFile file = TensorFile.open(GOLDEN.resolve(golden + ".safetensors"))) {
            expected = values(file, "encoded");
            long[] sizes = file.require("video").shape();
            writeSample(values(file, "video"), (int) sizes[2], (int) sizes[3], (int) sizes[4]);
        }
        Ended ended = run(
                LAUNCHER,
                "encode",
                "sample.npy",
                "-w",
                "tiny.safetensors",
                "--family",
                family,
                "-o",
                "latents.safetensors");
        assertEquals(0, ended.code, ended.err);
        assertTrue(ended.err.contains("Wrote latents.safetensors: latents ["), ended.err);
        float[] found =
                Latents.read(folder.resolve("latents.safetensors")).values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        assertEquals(expected.length, found.length);
        for (int i = 0; i < found.length; i++) assertEquals(expected[i], found[i], 5e-5f, "value " + i);
    }

    private static float[] values(TensorFile file, String tensor) throws IOException {
        float[] values = new float[(int) file.require(tensor).elements()];
        file.read(tensor, MemorySegment.ofArray(values));
        return values;
    }

    /** @param video {@code [3][F][H][W]} in [0, 1] */
    private void writeSample(float[] video, int frames, int height, int width) throws IOException {
        int plane = height * width;
        try (SampleWriter writer = SampleWriter.npy(folder.resolve("sample.npy"), IfExists.REFUSE)) {
            writer.begin(new VideoShape(1, frames, height, width));
            for (int t = 0; t < frames; t++) {
                float[] pixels = new float[3 * plane];
                for (int i = 0; i < pixels.length; i++) pixels[i] = 2 * video[(i % 3 * frames + t) * plane + i / 3] - 1;
                writer.picture(0, t, new SignedPicture(Frame.of(height, width, pixels)));
            }
            writer.finish();
        }
    }

    /** The latents are larger than what they are written to: a file system of its own, as only an administrator has. */
    @Test
    void aFullDiskLeavesNothingBehind() throws Exception {
        Files.createDirectory(folder.resolve("full"));
        assumeTrue(
                run("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=8k", "none", "full").code == 0,
                "no file system can be mounted");
        GeneratedVae.writeVae(PublishedVae.TAEW2_1.config(), 1, DType.F16, folder.resolve("taew2_1"));
        VideoShape shape = new VideoShape(1, 1, 128, 128);
        try (SampleWriter writer = SampleWriter.npy(folder.resolve("sample.npy"), IfExists.REFUSE)) {
            writer.begin(shape);
            writer.picture(
                    0, 0, new SignedPicture(new GeneratedVideo(shape, 1).next().orElseThrow()));
            writer.finish();
        }
        for (String name : List.of("latents.safetensors", "latents.npy", "latents.pt")) {
            Ended ended = run(
                    "unshare",
                    "-m",
                    "bash",
                    "-c",
                    "mount -t tmpfs -o size=8k none full && '" + LAUNCHER + "' encode -q sample.npy -w taew2_1 -o full/"
                            + name + "; code=$?; ls -A full; exit $code");
            assertEquals(1, ended.code, ended.err);
            assertEquals(1, ended.err.lines().count(), ended.err);
            assertTrue(ended.err.startsWith("wanvae: the disk is full: ") && ended.err.contains(name), ended.err);
            assertEquals("", ended.out);
        }
    }
}
