package wanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.FrameTiling;
import wanvae.decode.Tiling;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;

/** A plan from configuration and shapes alone is the plan of the open VAE, whose weights have values. */
class PlanTest {
    private static final List<VaeConfig> CONFIGS = List.of(
            Models.wan21(8, 1),
            Models.wan22(8, 2),
            Models.wan("AutoencoderKLQwenImage", 12, 1),
            new HunyuanConfig(16, List.of(16, 32, 48, 48), 1, true, 8, 8, 4, 0.476986f),
            new HunyuanConfig(4, List.of(8, 8, 16, 16), 2, false, 4, 4, 4, 0.476986f));

    private static final int[][] SIZES = {{1, 1, 9, 21}, {2, 3, 9, 21}, {1, 18, 8, 16}};

    private static final List<Tiling> TILINGS =
            List.of(Tiling.OFF, Tiling.of(96, 128, 64, 96), Tiling.of(64, 64, 64, 64));

    @Test
    void configurationAndShapesTellAll() throws IOException {
        for (VaeConfig config : CONFIGS)
            try (WanVae vae = WanVae.open(new GeneratedWeights(config, 4), OpenOptions.DEFAULT.withWarmUp(false))) {
                Set<String> ways = new HashSet<>();
                for (int[] size : SIZES) {
                    LatentShape shape = new LatentShape(size[0], config.latentChannels(), size[1], size[2], size[3]);
                    for (DecodeOptions options : options(config)) {
                        long unbounded = vae.plan(shape, options).memory();
                        for (double part : new double[] {0, 0.97, 0.5}) {
                            DecodeOptions bounded =
                                    part == 0 ? options : options.withMemoryLimitBytes((long) (unbounded * part));
                            DecodePlan plan = vae.plan(shape, bounded);
                            assertEquals(plan, WanVae.plan(config, shape, bounded), config + " " + bounded);
                            ways.add(plan.steps().getFirst().replaceAll("[0-9.]+", "N"));
                        }
                    }
                }
                assertTrue(ways.size() >= 4, ways.toString());
            }
    }

    private static List<DecodeOptions> options(VaeConfig config) {
        List<DecodeOptions> all = new ArrayList<>();
        for (Tiling tiling : TILINGS)
            for (int threads : new int[] {1, 3}) {
                DecodeOptions options =
                        DecodeOptions.DEFAULT.withThreads(threads).withTiling(tiling);
                all.add(options);
                if (config.tilesInTime()) {
                    all.add(options.withFrameTiling(FrameTiling.OFF));
                    all.add(options.withFrameTiling(new FrameTiling.Tiles(8, 4)));
                }
            }
        return all;
    }
}
