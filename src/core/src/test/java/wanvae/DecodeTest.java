package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.frame.FrameSink;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;

/** The public API as a stranger uses it. */
class DecodeTest {
    private static final Latents LATENTS =
            GeneratedWeights.latents(new LatentShape(1, 16, 7, 3, 5), 11).raw();

    @Test
    void bitsDoNotDependOnThreads() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            float[] one = decode(vae, LATENTS, DecodeOptions.DEFAULT.withThreads(1));
            for (int threads : new int[] {2, 3, 7})
                assertArrayEquals(one, decode(vae, LATENTS, DecodeOptions.DEFAULT.withThreads(threads)));
        }
    }

    /** What an earlier decode left in kept memory, here NaN everywhere, does not show. */
    @Test
    void bitsDoNotDependOnKeptMemory() throws IOException {
        LatentShape shape = new LatentShape(1, 16, 2, 24, 24);
        Latents latents = GeneratedWeights.latents(shape, 12).raw();
        GeneratedWeights weights = new GeneratedWeights(Models.wan21(8, 1), 4);
        try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withKeepMemory(true));
                WanVae fresh = WanVae.open(weights, OpenOptions.DEFAULT)) {
            float[] none = new float[Math.toIntExact(shape.elements())];
            Arrays.fill(none, Float.NaN);
            Latents nan = Latents.of(shape, none);
            decode(vae, nan, DecodeOptions.DEFAULT.withAllowNonfinite(true));
            assertArrayEquals(
                    decode(fresh, latents, DecodeOptions.DEFAULT), decode(vae, latents, DecodeOptions.DEFAULT));
        }
    }

    @Test
    void framesOfAPrefixAreAPrefixOfTheFrames() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(8, 1), 4)) {
            CollectingSink whole = new CollectingSink();
            vae.decode(LATENTS, whole, DecodeOptions.DEFAULT);
            for (int frames = 1; frames <= 6; frames++) {
                CollectingSink part = new CollectingSink();
                vae.decode(prefix(LATENTS, frames), part, DecodeOptions.DEFAULT);
                int[] indexes = new int[part.shape.frames()];
                for (int i = 0; i < indexes.length; i++) indexes[i] = i;
                float[] expected = whole.only(indexes), actual = part.samples;
                for (int i = 0; i < expected.length; i++)
                    assertEquals(expected[i], actual[i], 5e-5f, frames + " latent frames");
            }
        }
    }

    @Test
    void everySizeDownToOnePixel() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            for (int[] s : new int[][] {{1, 1, 1}, {2, 1, 13}, {3, 13, 1}, {4, 2, 2}}) {
                CollectingSink sink = new CollectingSink();
                vae.decode(
                        GeneratedWeights.latents(new LatentShape(1, 16, s[0], s[1], s[2]), 2)
                                .raw(),
                        sink);
                assertEquals(4 * s[0] - 3, sink.frames);
                assertEquals(8 * s[1], sink.shape.height());
                assertEquals(8 * s[2], sink.shape.width());
                assertTrue(sink.finished);
                for (float x : sink.samples) assertTrue(x >= -1 && x <= 1);
            }
        }
    }

    @Test
    void theListenerSeesTheWorkGrowToOne() throws IOException {
        List<Double> work = new ArrayList<>();
        AtomicInteger frames = new AtomicInteger();
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            vae.decode(LATENTS, new CollectingSink(), DecodeOptions.DEFAULT.withListener((done, total, share) -> {
                assertEquals(25, total);
                assertTrue(done >= frames.get() && done <= total);
                frames.set(done);
                work.add(share);
            }));
        }
        assertEquals(25, frames.get());
        for (int i = 1; i < work.size(); i++) assertTrue(work.get(i) >= work.get(i - 1));
        assertEquals(1, work.getLast());
    }

    @Test
    void aCancelledDecodeEndsUnfinished() throws IOException {
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            assertThrows(
                    CancellationException.class,
                    () -> vae.decode(LATENTS, sink, DecodeOptions.DEFAULT.withCancelled(() -> sink.frames > 0)));
            assertFalse(sink.finished);
            assertTrue(sink.frames < 25);
        }
    }

    @Test
    void aSinksFailureIsTheDecodes() throws IOException {
        FrameSink full = (member, index, frame) -> {
            throw new IOException("No space left on device");
        };
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            assertEquals(
                    "No space left on device",
                    assertThrows(IOException.class, () -> vae.decode(LATENTS, full))
                            .getMessage());
        }
    }

    @Test
    void latentsOfAnotherVaeAreRefusedByName() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            Latents other = GeneratedWeights.latents(new LatentShape(1, 48, 1, 2, 2), 1);
            String message = assertThrows(IllegalArgumentException.class, () -> vae.decode(other, new CollectingSink()))
                    .getMessage();
            assertTrue(message.contains("48 channels") && message.contains("Wan 2.2"), message);
        }
    }

    @Test
    void nonfiniteLatentsAreRefusedWithTheirPosition() throws IOException {
        Latents bad = Models.changed(prefix(LATENTS, 2), 15 + 7, Float.NaN);
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            String message = assertThrows(FormatException.class, () -> vae.decode(bad, new CollectingSink()))
                    .getMessage();
            assertTrue(message.contains("[0, 0, 1, 1, 2]"), message);
            CollectingSink sink = new CollectingSink();
            vae.decode(bad, sink, DecodeOptions.DEFAULT.withAllowNonfinite(true));
            assertTrue(sink.finished);
        }
    }

    @Test
    void thePlanTellsFramesAndMemory() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            DecodePlan plan = vae.plan(new LatentShape(2, 16, 21, 30, 52), DecodeOptions.DEFAULT);
            assertEquals(new wanvae.frame.VideoShape(2, 81, 240, 416), plan.video());
            DecodePlan longer = vae.plan(new LatentShape(2, 16, 201, 30, 52), DecodeOptions.DEFAULT);
            assertTrue(longer.memory() < plan.memory() * 1.2, "memory grows with the frames");
        }
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        return sink.samples;
    }

    /** The first latent frames of latents of one member. */
    private static Latents prefix(Latents latents, int frames) {
        LatentShape s = latents.shape();
        int plane = s.height() * s.width();
        float[] all = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED),
                some = new float[s.channels() * frames * plane];
        for (int c = 0; c < s.channels(); c++)
            System.arraycopy(all, c * s.frames() * plane, some, c * frames * plane, frames * plane);
        return Models.like(latents, new LatentShape(1, s.channels(), frames, s.height(), s.width()), some);
    }
}
