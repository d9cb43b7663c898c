package wanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;
import wanvae.encode.Posterior;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.Latents;
import wanvae.tensorfile.SafetensorsFile;

/** Whole encodes against diffusers' results: max abs ≤ 5e-5, of the full-size model 1e-4, and rms ≤ 1e-5. */
@Tag("arithmetic")
class EncodeGoldenTest {
    private static final WanConfig WAN_21 = Models.wan21(16, 1);
    private static final WanConfig WAN_22 = Models.wan22(12, 1).withEncoder(4, 12);
    private static final WanConfig QWEN = Models.wan("AutoencoderKLQwenImage", 8, 1);
    private static final EncodeOptions TILED = EncodeOptions.DEFAULT.withTiling(Tiling.of(64, 64, 48, 48));

    @Test
    void wan21() throws Exception {
        check("wan21_tiny", WAN_21, 1, 1, new VideoShape(1, 9, 48, 64));
        check("wan21_tiny_single", WAN_21, 1, 2, new VideoShape(1, 1, 40, 56));
    }

    @Test
    void batch() throws Exception {
        check("wan21_tiny_batch2", WAN_21, 1, 4, new VideoShape(2, 5, 24, 32));
    }

    @Test
    void framesAndPixelsThatMakeNoLatents() throws Exception {
        check("wan21_tiny_7_frames_50x45", WAN_21, 1, 5, new VideoShape(1, 7, 50, 45));
    }

    @Test
    void channelsThatAreNoMultipleOfAnything() throws Exception {
        check("wan21_odd", Models.wan21(6, 2), 5, 6, new VideoShape(1, 9, 40, 24));
    }

    @Test
    void wan22() throws Exception {
        check("wan22_tiny", WAN_22, 2, 7, new VideoShape(1, 9, 48, 80));
        check("wan22_tiny_single", WAN_22, 2, 8, new VideoShape(1, 1, 64, 48));
    }

    @Test
    void qwenImage() throws Exception {
        check("qwen_tiny", QWEN, 3, 10, new VideoShape(1, 1, 56, 48));
    }

    @Test
    void blendedTiles() throws Exception {
        check("wan21_tiny_tiled", WAN_21, 1, 3, new VideoShape(1, 5, 96, 112), TILED, 5e-5);
        check("wan22_tiny_tiled", WAN_22, 2, 9, new VideoShape(1, 5, 192, 160), TILED, 5e-5);
        check("qwen_tiny_tiled", QWEN, 3, 11, new VideoShape(1, 1, 96, 80), TILED, 5e-5);
    }

    @Test
    void fullSize() throws Exception {
        if (Integer.getInteger("wanvae.vectorBits") != null)
            return; // once is enough: narrower vectors are tested on the small models
        check("wan21_full", Models.wan21(96, 2), 1, 12, new VideoShape(1, 9, 64, 64), EncodeOptions.DEFAULT, 1e-4);
    }

    private static void check(String name, WanConfig config, long seed, long videoSeed, VideoShape shape)
            throws IOException, URISyntaxException {
        check(name, config, seed, videoSeed, shape, EncodeOptions.DEFAULT, 5e-5);
    }

    private static void check(
            String name,
            WanConfig config,
            long seed,
            long videoSeed,
            VideoShape shape,
            EncodeOptions options,
            double tolerance)
            throws IOException, URISyntaxException {
        Path file = Path.of(EncodeGoldenTest.class
                .getResource("golden/encode/" + name + ".safetensors")
                .toURI());
        try (SafetensorsFile golden = SafetensorsFile.open(file);
                WanVae vae =
                        WanVae.open(new GeneratedWeights(config, seed), OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            Latents moments =
                    vae.encode(new GeneratedVideo(shape, videoSeed), options.withPosterior(Posterior.MOMENTS));
            close(name + " moments", golden, "moments", moments, tolerance);
            if (config.isResidual()) return; // its latents are normalised by numbers of their own
            Latents latents = vae.encode(new GeneratedVideo(shape, videoSeed), options);
            assertTrue(latents.normalized());
            close(name + " latents", golden, "latents", latents, tolerance);
        }
    }

    private static void close(String what, SafetensorsFile golden, String tensor, Latents actual, double tolerance)
            throws IOException {
        long[] sizes = golden.tensors().get(tensor).shape();
        assertEquals(java.util.Arrays.toString(sizes), actual.shape().toString(), what);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = arena.allocate(4 * actual.shape().elements(), 8);
            golden.read(tensor, expected);
            double max = 0, squares = 0;
            for (long i = 0; i < actual.shape().elements(); i++) {
                double d = Math.abs(expected.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                        - actual.values().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
                max = d <= max ? max : d;
                squares += d * d;
            }
            double rms = Math.sqrt(squares / actual.shape().elements());
            assertTrue(max <= tolerance && rms <= 1e-5, what + ": max " + max + ", rms " + rms);
        }
    }
}
