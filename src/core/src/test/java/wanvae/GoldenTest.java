package wanvae;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.Tiling;
import wanvae.latent.Latents;
import wanvae.tensorfile.SafetensorsFile;

/** Whole decodes against diffusers' results: unclamped, max abs ≤ 1e-4 and rms ≤ 1e-5. */
@Tag("arithmetic")
class GoldenTest {
    @Test
    void wan21() throws Exception {
        check("wan21_tiny", Models.wan21(16, 1), 1, false);
        check("wan21_tiny_single", Models.wan21(16, 1), 1, false);
    }

    @Test
    void batch() throws Exception {
        check("wan21_tiny_batch2", Models.wan21(16, 1), 1, false);
    }

    @Test
    void normalisedLatents() throws Exception {
        check("wan21_tiny_normalised", Models.wan21(16, 1), 1, true);
    }

    @Test
    void channelsThatAreNoMultipleOfAnything() throws Exception {
        check("wan21_odd", Models.wan21(6, 2), 5, false);
    }

    @Test
    void wan22() throws Exception {
        check("wan22_tiny", Models.wan22(12, 1), 2, false);
        check("wan22_tiny_single", Models.wan22(12, 1), 2, false);
    }

    @Test
    void qwenImage() throws Exception {
        check("qwen_tiny", Models.wan("AutoencoderKLQwenImage", 8, 1), 3, false);
    }

    @Test
    void blendedTiles() throws Exception {
        DecodeOptions tiled = DecodeOptions.DEFAULT.withTiling(Tiling.of(64, 64, 48, 48));
        check("wan21_tiny_tiled", Models.wan21(16, 1), 1, false, tiled.withClamp(false));
        check("wan22_tiny_tiled", Models.wan22(12, 1), 2, false, tiled.withClamp(false));
        check("qwen_tiny_tiled", Models.wan("AutoencoderKLQwenImage", 8, 1), 3, false, tiled);
    }

    @Test
    void fullSize() throws Exception {
        if (Integer.getInteger("wanvae.vectorBits") != null)
            return; // once is enough: narrower vectors are tested on the small models
        check("wan21_full", Models.wan21(96, 2), 1, false);
    }

    /** 555 million parameters. */
    @Test
    @Tag("slow")
    void fullSizeOfWan22() throws Exception {
        if (Integer.getInteger("wanvae.vectorBits") != null) return;
        check("wan22_full", Models.wan22(256, 2), 1, false);
    }

    private static void check(String name, WanConfig config, long seed, boolean normalised)
            throws IOException, URISyntaxException {
        check(name, config, seed, normalised, DecodeOptions.DEFAULT.withClamp(false));
    }

    private static void check(String name, WanConfig config, long seed, boolean normalised, DecodeOptions options)
            throws IOException, URISyntaxException {
        Path file = Path.of(
                GoldenTest.class.getResource("golden/" + name + ".safetensors").toURI());
        Latents latents = normalised
                ? Latents.read(file, "normalised")
                : Latents.read(file).raw();
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = Models.open(config, seed)) {
            vae.decode(latents, sink, options);
        }
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            float[] frames = read(golden, "frames"), expected = read(golden, "expected");
            int[] indexes = new int[frames.length];
            for (int i = 0; i < indexes.length; i++) indexes[i] = (int) frames[i];
            float[] actual = sink.only(indexes);
            double max = 0, squares = 0;
            for (int i = 0; i < expected.length; i++) {
                double d = Math.abs(expected[i] - actual[i]);
                max = d <= max ? max : d;
                squares += d * d;
            }
            double rms = Math.sqrt(squares / expected.length);
            assertTrue(max <= 1e-4 && rms <= 1e-5, name + ": max " + max + ", rms " + rms);
        }
    }

    private static float[] read(SafetensorsFile file, String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * file.tensors().get(name).elements(), 8);
            file.read(name, values);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
