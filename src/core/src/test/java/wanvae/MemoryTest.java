package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/** Decodes within a bound on memory. */
class MemoryTest {
    private static final LatentShape SHAPE = new LatentShape(2, 16, 3, 9, 21);

    @TempDir
    private Path temporary;

    @Test
    void everyBoundGivesTheSameBits() throws IOException {
        for (WanConfig config :
                new WanConfig[] {Models.wan21(8, 1), Models.wan22(8, 1), Models.wan("AutoencoderKLQwenImage", 8, 1)})
            try (WanVae vae = Models.open(config, 4)) {
                LatentShape shape = new LatentShape(1, config.zDim(), 4, SHAPE.height(), SHAPE.width());
                Latents latents = GeneratedWeights.latents(shape, 11);
                DecodePlan plan = vae.plan(shape, DecodeOptions.DEFAULT);
                float[] whole = decode(vae, latents, DecodeOptions.DEFAULT);
                int plans = 0;
                for (long less = 1; ; less = 4 << 20) {
                    DecodeOptions bounded = DecodeOptions.DEFAULT
                            .withMemoryLimitBytes(plan.memory() - less)
                            .withTemporaryDirectory(temporary);
                    DecodePlan smaller = vae.plan(shape, bounded);
                    if (smaller.memory() > smaller.limit()) break;
                    assertArrayEquals(whole, decode(vae, latents, bounded), smaller.toString());
                    plan = smaller;
                    plans++;
                }
                assertTrue(plans > 1, plans + " plans");
                assertTrue(plan.steps().getFirst().contains(" pieces"), plan.toString());
            }
    }

    @Test
    void lessThanTheLeastIsRefusedBeforeItStarts() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            Latents latents = GeneratedWeights.latents(SHAPE, 11);
            DecodeOptions little = DecodeOptions.DEFAULT.withMemoryLimitBytes(64 << 20);
            CollectingSink sink = new CollectingSink();
            String message = assertThrows(IOException.class, () -> vae.decode(latents, sink, little))
                    .getMessage();
            assertTrue(
                    message.matches("Decoding 168x72 takes at least \\d+ MB of memory, but was given 68 MB\\."),
                    message);
            assertEquals(0, sink.frames);
            assertTrue(
                    vae.plan(SHAPE, little).memory() > vae.plan(SHAPE, little).limit());
        }
    }

    @Test
    void aSmallMachineIsABoundThatIsAnnounced() throws IOException {
        Latents latents = GeneratedWeights.latents(SHAPE, 11);
        DecodeOptions options = DecodeOptions.DEFAULT.withTemporaryDirectory(temporary);
        float[] whole;
        long memory;
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            DecodePlan plan = vae.plan(SHAPE, options);
            assertFalse(plan.bounded());
            memory = plan.memory();
            whole = decode(vae, latents, options);
        }
        try (WanVae vae =
                Models.openOn((memory - 1) / 19 * 20, Models.wan21(8, 1), 4)) { // a twentieth is left to the system
            DecodePlan plan = vae.plan(SHAPE, options);
            assertTrue(plan.bounded() && plan.memory() <= plan.limit() && plan.limit() < memory, plan.toString());
            assertArrayEquals(whole, decode(vae, latents, options));
            assertEquals(plan, vae.plan(SHAPE, options.withMemoryLimitBytes(memory)));
            assertFalse(
                    vae.plan(SHAPE, options.withMemoryLimitBytes(plan.memory())).bounded());
        }
        try (WanVae vae = Models.openOn(336_000_000, Models.wan21(8, 1), 4)) {
            assertFalse(vae.plan(SHAPE, options).bounded());
            String message = assertThrows(IOException.class, () -> vae.decode(latents, new CollectingSink(), options))
                    .getMessage();
            assertTrue(
                    message.matches("Decoding 168x72 takes at least \\d+ MB of memory, but this machine has 320 MB\\."),
                    message);
        }
        String message = assertThrows(IOException.class, () -> Models.openOn(64 << 20, Models.wan21(8, 1), 4))
                .getMessage();
        assertTrue(message.matches("The weights of .* take 317 MB of memory, but this machine has 64 MB\\."), message);
    }

    /** A directory in memory, where there is one: what is put there is memory too. */
    @Test
    void aTemporaryDirectoryInMemoryCountsAsMemory() throws IOException {
        Path shared = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shared) && Files.getFileStore(shared).type().equals("tmpfs"));
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            DecodeOptions bounded = piecewise(vae);
            DecodePlan onDisk = vae.plan(SHAPE, bounded);
            DecodePlan inMemory = vae.plan(
                    SHAPE,
                    bounded.withTemporaryDirectory(shared).withMemoryLimitBytes(onDisk.memory() + onDisk.disk()));
            assertEquals(0, inMemory.disk());
            assertEquals(onDisk.memory() + onDisk.disk(), inMemory.memory());
            assertTrue(vae.plan(SHAPE, bounded.withTemporaryDirectory(shared)).disk() == 0);
        }
    }

    @Test
    void countsTheWeightsThatAnEarlierDecodeHasLeft() throws IOException {
        LatentShape shape = new LatentShape(1, 16, 3, 20, 20);
        Latents latents = GeneratedWeights.latents(shape, 11);
        DecodeOptions options = DecodeOptions.DEFAULT.withTemporaryDirectory(temporary);
        try (WanVae vae = Models.open(Models.wan21(32, 1), 4)) {
            DecodePlan fresh = vae.plan(shape, options);
            DecodeOptions less = options.withMemoryLimitBytes(fresh.memory() - 1);
            DecodePlan few = vae.plan(shape, less);
            assertTrue(few.memory() < fresh.memory() - (50 << 20), "transformed weights are not kept: " + few);
            float[] bounded = decode(vae, latents, less);
            assertEquals(few, vae.plan(shape, less));

            assertArrayEquals(bounded, decode(vae, latents, options));
            assertEquals(fresh, vae.plan(shape, options));
            DecodePlan after = vae.plan(shape, less);
            assertTrue(after.memory() < fresh.memory() && after.memory() > few.memory(), after.toString());
            assertNotEquals(
                    few.steps().getFirst(), after.steps().getFirst(), "what the weights take must be saved elsewhere");
            assertArrayEquals(bounded, decode(vae, latents, less));
            String message = assertThrows(
                            IOException.class,
                            () -> vae.decode(latents, new CollectingSink(), options.withMemoryLimitBytes(64 << 20)))
                    .getMessage();
            assertTrue(
                    message.matches(
                            "Decoding 160x160 takes at least \\d+ MB of memory, \\d+ MB of it weights that earlier decodes left transformed, but was given 68 MB\\."),
                    message);
        }
    }

    @Test
    void aPiecewiseDecodeEndsCleanlyHoweverItEnds() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            Latents latents = GeneratedWeights.latents(SHAPE, 11);
            DecodeOptions bounded = piecewise(vae);
            CollectingSink sink = new CollectingSink();
            double[] share = {0};
            for (double end : new double[] {0, 0.3, 0.9})
                assertThrows(
                        CancellationException.class,
                        () -> vae.decode(
                                latents,
                                sink,
                                bounded.withListener((done, total, work) -> share[0] = work)
                                        .withCancelled(() -> share[0] > end)));
            assertFalse(sink.finished);
            assertEquals(
                    "No space left on device",
                    assertThrows(
                                    IOException.class,
                                    () -> vae.decode(
                                            latents,
                                            (member, index, frame) -> {
                                                throw new IOException("No space left on device");
                                            },
                                            bounded))
                            .getMessage());
            assertThrows(
                    IOException.class,
                    () -> vae.decode(latents, sink, bounded.withTemporaryDirectory(temporary.resolve("nowhere"))));
            try (var left = Files.list(temporary)) {
                assertEquals(0, left.count());
            }
        }
    }

    /** Options that need pieces and their temporary file. */
    private DecodeOptions piecewise(WanVae vae) {
        DecodeOptions bounded = DecodeOptions.DEFAULT.withTemporaryDirectory(temporary);
        for (DecodePlan plan = vae.plan(SHAPE, bounded); plan.disk() == 0; plan = vae.plan(SHAPE, bounded))
            bounded = bounded.withMemoryLimitBytes(plan.memory() - 1);
        return bounded;
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        assertTrue(sink.finished);
        return sink.samples;
    }
}
