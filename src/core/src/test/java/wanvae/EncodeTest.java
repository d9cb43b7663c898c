package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.encode.Posterior;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.EncodedShape;
import wanvae.latent.LatentShape;
import wanvae.latent.LatentSink;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

class EncodeTest {
    private static final WanConfig CONFIG = Models.wan21(4, 1);
    private static final EncodeOptions OPTIONS = EncodeOptions.DEFAULT;
    private static WanVae vae;

    @BeforeAll
    static void open() throws IOException {
        vae = WanVae.open(new GeneratedWeights(CONFIG, 1), OpenOptions.DEFAULT.withHalves(Half.ENCODER, Half.DECODER));
    }

    @AfterAll
    static void close() {
        vae.close();
    }

    private static float[] values(Latents latents) {
        return latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    private static Latents encode(VideoShape shape, EncodeOptions options) throws IOException {
        return vae.encode(new GeneratedVideo(shape, 5), options);
    }

    /** The same frames, as many as there are, from a source that does not tell how many. */
    private static FrameSource untold(FrameSource source) {
        return new FrameSource() {
            @Override
            public VideoShape shape() {
                VideoShape shape = source.shape();
                return new VideoShape(1, VideoShape.UNKNOWN, shape.height(), shape.width());
            }

            @Override
            public Optional<Frame> next() throws IOException {
                return source.next();
            }
        };
    }

    @Test
    void aVideoNeedNotTellItsLength() throws IOException {
        for (int frames : new int[] {1, 4, 5, 18, 36}) {
            VideoShape shape = new VideoShape(1, frames, 16, 24);
            GeneratedVideo video = new GeneratedVideo(shape, 5);
            for (EncodeOptions options : new EncodeOptions[] {OPTIONS, OPTIONS.withTiling(Tiling.of(16, 16, 8, 16))}) {
                Latents told = vae.encode(new GeneratedVideo(shape, 5), options),
                        untold = vae.encode(untold(new GeneratedVideo(shape, 5)), options);
                assertEquals(told.shape(), untold.shape());
                assertArrayEquals(values(told), values(untold));
            }
            assertEquals(
                    EncodedShape.UNKNOWN,
                    vae.planEncode(untold(video).shape(), OPTIONS).latents().frames());
        }
    }

    @Test
    void surplusIsLeftOutOfEachMember() throws IOException {
        Latents all = encode(new VideoShape(2, 7, 16, 16), OPTIONS);
        assertEquals(new LatentShape(2, 16, 2, 2, 2), all.shape());
        EncodePlan plan = vae.planEncode(new VideoShape(2, 7, 20, 23), OPTIONS);
        assertEquals(new VideoShape(2, 5, 16, 16), plan.encoded());
        assertEquals(new EncodedShape(2, 16, 2, 2, 2), plan.latents());
    }

    @Test
    void aSampleIsDrawnByItsSeed() throws IOException {
        VideoShape shape = new VideoShape(2, 5, 16, 24);
        Latents moments = encode(shape, OPTIONS.withPosterior(Posterior.MOMENTS));
        assertEquals(32, moments.shape().channels());
        assertFalse(moments.normalized());
        Latents mode = encode(shape, OPTIONS.withNormalized(false));
        EncodeOptions sampled = OPTIONS.withNormalized(false).withPosterior(Posterior.sample(-3));
        Latents sample = encode(shape, sampled);
        assertArrayEquals(values(sample), values(encode(shape, sampled.withThreads(1))));
        assertNotEquals(values(sample)[0], values(encode(shape, sampled.withPosterior(Posterior.sample(4))))[0]);
        int plane = 6, frames = 2;
        double sum = 0, squares = 0;
        int n = values(sample).length;
        for (int i = 0; i < n; i++) {
            int member = i / (16 * frames * plane), c = i / (frames * plane) % 16, rest = i % (frames * plane);
            int mean = (member * 32 + c) * frames * plane + rest;
            assertEquals(values(moments)[mean], values(mode)[i]);
            float logvar = values(moments)[mean + 16 * frames * plane];
            double normal = (values(sample)[i] - values(mode)[i]) / Math.exp(Math.clamp(logvar, -30, 20) / 2.0);
            // The formula that Posterior.Sample documents.
            long number = ((long) (rest / plane) * 16 + c) * plane + rest % plane;
            double u1 = (bits(-3 + member, 2 * number) + 1) * 0x1p-53, u2 = bits(-3 + member, 2 * number + 1) * 0x1p-53;
            assertEquals(Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2), normal, 1e-4);
            sum += normal;
            squares += normal * normal;
        }
        assertEquals(0, sum / n, 0.15);
        assertEquals(1, squares / n, 0.25);
    }

    private static long bits(long seed, long j) {
        long z = seed + (j + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return (z ^ z >>> 31) >>> 11;
    }

    @Test
    void normalisedOrRaw() throws IOException {
        VideoShape shape = new VideoShape(1, 1, 16, 16);
        Latents normalized = encode(shape, OPTIONS), raw = encode(shape, OPTIONS.withNormalized(false));
        assertTrue(normalized.normalized());
        assertFalse(raw.normalized());
        for (int i = 0; i < values(raw).length; i++) {
            int c = i / 4;
            assertEquals(
                    (values(raw)[i] - CONFIG.latentsMean().get(c))
                            / CONFIG.latentsStd().get(c),
                    values(normalized)[i],
                    1e-6);
        }
    }

    @Test
    void whatIsEncodedDecodes() throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(encode(new VideoShape(1, 5, 16, 16), OPTIONS), sink);
        assertEquals(new VideoShape(1, 5, 16, 16), sink.shape);
    }

    @Test
    void lessMemoryTakesPiecesWithTheSameBits() throws IOException {
        VideoShape shape = new VideoShape(1, 5, 256, 320);
        try (WanVae own = WanVae.open(
                new GeneratedWeights(Models.wan21(16, 1), 1), OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            EncodePlan free = own.planEncode(shape, OPTIONS);
            EncodePlan least = own.planEncode(shape, OPTIONS.withMemoryLimitBytes(0));
            assertTrue(least.memory() < free.memory() && least.limit() == 0);
            EncodeOptions bounded = OPTIONS.withMemoryLimitBytes(least.memory());
            EncodePlan pieces = own.planEncode(shape, bounded);
            assertEquals(least.memory(), pieces.memory());
            assertTrue(
                    pieces.steps().getFirst().contains("pieces"), pieces.steps().toString());
            assertArrayEquals(
                    values(own.encode(new GeneratedVideo(shape, 5), OPTIONS)),
                    values(own.encode(new GeneratedVideo(shape, 5), bounded)));
            IOException refused = assertThrows(
                    IOException.class,
                    () -> own.encode(new GeneratedVideo(shape, 5), OPTIONS.withMemoryLimitBytes(1 << 20)));
            assertTrue(
                    refused.getMessage().startsWith("Encoding 320x256 takes at least ")
                            && refused.getMessage().endsWith(" of memory, but was given 2 MB."),
                    refused.getMessage());
            assertEquals(
                    free.memory(),
                    WanVae.planEncode(Models.wan21(16, 1), shape, OPTIONS).memory());
        }
    }

    @Test
    void videosThatCannotBeEncoded() {
        assertEquals(
                "Pictures of 24x7 are too small: this Wan 2.1 VAE makes one latent pixel of 8x8.",
                assertThrows(IllegalArgumentException.class, () -> encode(new VideoShape(1, 1, 7, 24), OPTIONS))
                        .getMessage());
        assertEquals(
                "The video has no frames.",
                assertThrows(IllegalArgumentException.class, () -> encode(new VideoShape(1, 0, 8, 8), OPTIONS))
                        .getMessage());
        assertEquals(
                "The video has no frames.",
                assertThrows(
                                FormatException.class,
                                () -> vae.encode(untold(new GeneratedVideo(new VideoShape(1, 0, 8, 8), 1)), OPTIONS))
                        .getMessage());
        assertEquals(
                "The video ends after 3 frames; 9 were announced.",
                assertThrows(FormatException.class, () -> vae.encode(source(9, 3, 8, 0f), OPTIONS))
                        .getMessage());
        assertEquals(
                "Frame 0 of the video is 8x9, but 8x8 was announced.",
                assertThrows(FormatException.class, () -> vae.encode(source(1, 1, 9, 0f), OPTIONS))
                        .getMessage());
        assertEquals(
                "Frame 0 of the video has a value that is not finite, first at row 0, column 0; such frames are encoded "
                        + "only if allowed.",
                assertThrows(FormatException.class, () -> vae.encode(source(1, 1, 8, Float.NaN), OPTIONS))
                        .getMessage());
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> encode(
                                new VideoShape(1, 1, 32, 32),
                                OPTIONS.withTiling(Tiling.of(24, 24, 16, 16)).withMemoryLimitBytes(-1)))
                .getMessage()
                .contains("negative"));
    }

    /** A source of 8x8 that gives something else than it tells. */
    private static FrameSource source(int told, int given, int height, float value) {
        return new FrameSource() {
            private int next;

            @Override
            public VideoShape shape() {
                return new VideoShape(1, told, 8, 8);
            }

            @Override
            public Optional<Frame> next() {
                if (next++ == given) return Optional.empty();
                float[] pixels = new float[3 * 8 * height];
                pixels[0] = value;
                return Optional.of(Frame.of(height, 8, pixels));
            }
        };
    }

    @Test
    void aVaeWithoutItsEncoder() throws IOException {
        try (WanVae decoder = Models.open(CONFIG, 1)) {
            assertTrue(assertThrows(
                            IllegalStateException.class,
                            () -> decoder.encode(new GeneratedVideo(new VideoShape(1, 1, 8, 8), 1), OPTIONS))
                    .getMessage()
                    .contains("encoder"));
        }
        GeneratedWeights whole = new GeneratedWeights(CONFIG, 1);
        Checkpoint half = new Checkpoint() {
            @Override
            public VaeConfig config() {
                return CONFIG;
            }

            @Override
            public Path path() {
                return Path.of("half.wanvae");
            }

            @Override
            public Map<String, TensorInfo> tensors() {
                return whole.tensors();
            }

            @Override
            public void read(String name, java.lang.foreign.MemorySegment target) throws IOException {
                whole.read(name, target);
            }

            @Override
            public void close() {}
        };
        assertTrue(assertThrows(
                        FormatException.class, () -> WanVae.open(half, OpenOptions.DEFAULT.withHalves(Half.ENCODER)))
                .getMessage()
                .startsWith("half.wanvae"));
    }

    @Test
    void aFamilyWithoutAnEncoder() {
        assertEquals(
                "No encoder of HunyuanVideo is known.",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> WanVae.planEncode(
                                        HunyuanConfig.HUNYUAN_VIDEO, new VideoShape(1, 1, 16, 16), OPTIONS))
                        .getMessage());
    }

    @Test
    void whatCallersThrowEndsIt() {
        VideoShape shape = new VideoShape(1, 5, 16, 16);
        IOException full = new IOException("full");
        LatentSink failing = (member, index, values) -> {
            throw full;
        };
        assertSame(
                full,
                assertThrows(IOException.class, () -> vae.encode(new GeneratedVideo(shape, 1), failing, OPTIONS)));
        assertThrows(CancellationException.class, () -> encode(shape, OPTIONS.withCancelled(() -> true)));
        Error error = new AssertionError();
        assertSame(
                error,
                assertThrows(
                        AssertionError.class,
                        () -> encode(shape, OPTIONS.withListener((done, total, work) -> {
                            throw error;
                        }))));
    }

    @Test
    void whatHasNoAlphaIsOpaque() throws IOException {
        WanConfig alpha = new WanConfig(
                CONFIG.className(),
                4,
                16,
                CONFIG.dimMult(),
                1,
                CONFIG.temporalUpsample(),
                CONFIG.latentsMean(),
                CONFIG.latentsStd(),
                false,
                4,
                1);
        VideoShape shape = new VideoShape(1, 1, 16, 24);
        try (WanVae own = WanVae.open(new GeneratedWeights(alpha, 1), OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            Latents opaque = own.encode(withAlpha(shape, 1), OPTIONS);
            assertArrayEquals(values(opaque), values(own.encode(new GeneratedVideo(shape, 5), OPTIONS)));
            assertNotEquals(values(opaque)[0], values(own.encode(withAlpha(shape, -1), OPTIONS))[0]);
        }
    }

    private static FrameSource withAlpha(VideoShape shape, float value) {
        GeneratedVideo video = new GeneratedVideo(shape, 5);
        return new FrameSource() {
            @Override
            public VideoShape shape() {
                return new VideoShape(shape.members(), shape.frames(), shape.height(), shape.width(), 4);
            }

            @Override
            public Optional<Frame> next() {
                return video.next().map(frame -> {
                    float[] rgb = frame.pixels().toArray(ValueLayout.JAVA_FLOAT), rgba = new float[rgb.length / 3 * 4];
                    for (int i = 0; i < rgba.length; i++) rgba[i] = i % 4 == 3 ? value : rgb[i / 4 * 3 + i % 4];
                    return Frame.of(frame.height(), frame.width(), rgba);
                });
            }
        };
    }

    @Test
    void progressEndsAtOne() throws IOException {
        double[] last = {0};
        int[] frames = {0, 0};
        encode(new VideoShape(2, 9, 16, 16), OPTIONS.withListener((done, total, work) -> {
            assertTrue(work >= last[0] && done >= frames[0]);
            last[0] = work;
            frames[0] = done;
            frames[1] = total;
        }));
        assertEquals(1, last[0], 1e-9);
        assertArrayEquals(new int[] {6, 6}, frames);
    }
}
