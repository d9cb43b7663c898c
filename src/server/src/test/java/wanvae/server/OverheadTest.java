package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.workers.Workers;

/** What HTTP adds to a decode: both in turn, in one process, the best of several. Its figures mean little on a busy machine. */
@Tag("slow")
class OverheadTest {
    private static final int TURNS = 7;

    @TempDir
    Path folder;

    @Test
    void ofAClip() throws Exception {
        measure("Wan 2.1", WanConfig.WAN_2_1, new LatentShape(1, 16, 5, 32, 32), 3, 0.03, 0);
    }

    @Test
    void ofAPicture() throws Exception {
        measure("taew2_1", PublishedVae.TAEW2_1.config(), new LatentShape(1, 16, 1, 64, 64), TURNS, 0, 0.010);
    }

    /** The way there and back alone: the decode is as small as can be. */
    @Test
    void ofNextToNothing() throws Exception {
        VaeConfig config;
        try (Checkpoint checkpoint = Checkpoint.open(Served.wan(folder))) {
            config = checkpoint.config();
        }
        measure("next to nothing", config, new LatentShape(1, 16, 1, 1, 1), 300, 0, 0.010);
    }

    /** @param share allowed, and {@code seconds} allowed beside it */
    private void measure(String name, VaeConfig config, LatentShape shape, int turns, double share, double seconds)
            throws Exception {
        Path weights = folder.resolve(name);
        GeneratedVae.writeVae(config, 1, DType.F32, weights);
        Latents latents = GeneratedWeights.latents(shape, 1).raw();
        ByteBuffer body = ByteBuffer.allocate((int) (4 * shape.elements())).order(ByteOrder.LITTLE_ENDIAN);
        body.asFloatBuffer().put(latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
        String query =
                "/?output_type=pt&partial_postprocess=True&dtype=float32&shape=%d&shape=%d&shape=%d&shape=%d&shape=%d"
                        .formatted(shape.batch(), shape.channels(), shape.frames(), shape.height(), shape.width());
        double[] alone = new double[turns], served = new double[turns];
        try (Served server = Served.start(folder, options -> Options.withWeights(options, List.of(weights)));
                Workers workers = Workers.of(2);
                WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withWorkers(workers))) {
            server.awaitReady();
            DecodeOptions options = DecodeOptions.DEFAULT.withWorkers(workers);
            for (int i = 0; i < turns; i++) {
                long start = System.nanoTime();
                vae.decode(latents, (member, index, frame) -> {}, options);
                long middle = System.nanoTime();
                assertEquals(200, server.post(query, body.array()).statusCode());
                alone[i] = (middle - start) / 1e9;
                served[i] = (System.nanoTime() - middle) / 1e9;
            }
        }
        double least = Arrays.stream(alone).min().orElseThrow(),
                with = Arrays.stream(served).min().orElseThrow();
        System.out.printf("%s, %s: %.1f ms alone, %.1f ms over HTTP%n", name, shape, 1000 * least, 1000 * with);
        assertTrue(with <= least * (1 + share) + seconds, Arrays.toString(alone) + Arrays.toString(served));
    }
}
