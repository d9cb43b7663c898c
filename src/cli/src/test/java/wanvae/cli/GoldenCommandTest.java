package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorFile;

/** diffusers' results through the command line, weights as a folder and converted: max abs ≤ 1e-4. */
class GoldenCommandTest {
    private static final Map<String, WanConfig> MODELS = Map.of(
            "wan21_tiny",
            config(WanConfig.WAN_2_1, "AutoencoderKLWan", 16, 1),
            "wan21_odd",
            config(WanConfig.WAN_2_1, "AutoencoderKLWan", 6, 2),
            "wan22_tiny",
            config(WanConfig.WAN_2_2, "AutoencoderKLWan", 12, 1),
            "qwen_tiny",
            config(WanConfig.WAN_2_1, "AutoencoderKLQwenImage", 8, 1));
    private static final Map<String, Integer> SEEDS =
            Map.of("wan21_tiny", 1, "wan21_odd", 5, "wan22_tiny", 2, "qwen_tiny", 3);

    @TempDir
    Path folder;

    private static WanConfig config(WanConfig family, String className, int baseDim, int blocks) {
        return new WanConfig(
                className,
                baseDim,
                family.zDim(),
                family.dimMult(),
                blocks,
                family.temporalUpsample(),
                family.latentsMean(),
                family.latentsStd(),
                family.isResidual(),
                family.outChannels(),
                family.patchSize());
    }

    @ParameterizedTest
    @CsvSource({
        "wan21_tiny, wan21_tiny_normalised, f32,  --key normalised --unclamped",
        "wan21_tiny, wan21_tiny_batch2,     f32,  --latents raw --unclamped --slice",
        "wan21_tiny, wan21_tiny_tiled,      f32,  --latents raw --unclamped --tile=64x64:48x48",
        "wan21_odd,  wan21_odd_bf16,        bf16, --latents raw --unclamped",
        "wan22_tiny, wan22_tiny_tiled,      f32,  --latents raw --unclamped --tile=64x64:48x48",
        "qwen_tiny,  qwen_tiny_tiled,       f32,  --latents raw --tile=64x64:48x48"
    }) // not clamped there
    void decodes(String model, String golden, String dtype, String options) throws IOException {
        Path vae = vae(model);
        Path converted = folder.resolve("vae.wanvae");
        succeeds("convert", vae, converted, "--dtype", dtype);
        float[] result = decode(golden, converted, options);
        assertClose(golden, result);
        if (dtype.equals("f32")) assertArrayEquals(result, decode(golden, vae, options));
    }

    @Test
    void qwenImagesBecomePictures() throws IOException {
        Path picture = folder.resolve("out.png");
        succeeds(
                "decode",
                golden("qwen_tiny_tiled"),
                "-w",
                vae("qwen_tiny"),
                "--latents",
                "raw",
                "--tile=64x64:48x48",
                "-o",
                picture);
        BufferedImage image = ImageIO.read(picture.toFile());
        float[] expected = tensor(golden("qwen_tiny_tiled"), "expected");
        int plane = image.getWidth() * image.getHeight();
        assertEquals(expected.length, 3 * plane);
        for (int i = 0; i < plane; i++)
            for (int c = 0; c < 3; c++) {
                int found = image.getRGB(i % image.getWidth(), i / image.getWidth()) >> 16 - 8 * c & 0xFF;
                assertEquals(255 * Math.clamp(expected[c * plane + i] / 2 + 0.5f, 0, 1), found, 0.502, "pixel " + i);
            }
    }

    private Path vae(String model) throws IOException {
        Path vae = folder.resolve(model);
        GeneratedVae.writeVae(MODELS.get(model), SEEDS.get(model), DType.F32, vae);
        return vae;
    }

    private float[] decode(String golden, Path weights, String options) throws IOException {
        Path out = folder.resolve("out.npy");
        List<Object> words = new ArrayList<>(List.of("decode", golden(golden), "-w", weights, "-o", out));
        words.addAll(List.of(options.split(" ")));
        succeeds(words.toArray());
        return tensor(out, "array");
    }

    private static void succeeds(Object... words) {
        Cli run = Cli.run(words);
        assertEquals(0, run.code(), run.err());
    }

    /** Compares the frames that the golden file keeps. */
    private static void assertClose(String golden, float[] result) throws IOException {
        float[] frames = tensor(golden(golden), "frames");
        float[] expected = tensor(golden(golden), "expected");
        int[] shape = shape(golden(golden), "expected");
        int plane = shape[3] * shape[4];
        int total = result.length / (shape[0] * 3 * plane);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            int channel = i / plane / frames.length; // of all members
            int frame = (int) frames[i / plane % frames.length];
            worst = Math.max(worst, Math.abs(expected[i] - result[(channel * total + frame) * plane + i % plane]));
        }
        assertTrue(worst <= 1e-4, golden + ": " + worst);
    }

    private static Path golden(String name) {
        return Path.of("../core/src/test/resources/wanvae/golden/" + name + ".safetensors");
    }

    private static int[] shape(Path file, String tensor) throws IOException {
        try (TensorFile tensors = TensorFile.open(file)) {
            long[] shape = tensors.require(tensor).shape();
            int[] sizes = new int[shape.length];
            for (int d = 0; d < sizes.length; d++) sizes[d] = (int) shape[d];
            return sizes;
        }
    }

    private static float[] tensor(Path file, String tensor) throws IOException {
        try (TensorFile tensors = TensorFile.open(file)) {
            float[] values = new float[(int) tensors.require(tensor).elements()];
            tensors.read(tensor, MemorySegment.ofArray(values));
            return values;
        }
    }
}
