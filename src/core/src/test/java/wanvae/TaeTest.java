package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.LatentScaling;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.SafetensorsFile;
import wanvae.tensorfile.TensorInfo;

/** Tiny autoencoders: against the reference's results, and that a decode's division leaves the bits as they are. */
@Tag("arithmetic")
class TaeTest {
    private static final TaeConfig TINY =
            new TaeConfig(TaeModel.TAEW2_1, 16, 1, List.of(20, 12, 8, 8), List.of(1, 2, 2), false, 8, List.of(2, 2, 1));
    private static final TaeConfig TINY_SUPER = new TaeConfig(
            TaeModel.TAEW2_2, 48, 2, List.of(32, 16, 16, 16), List.of(1, 2, 2), true, 8, List.of(2, 2, 1));

    /** Generated weights, to the last bias of which the golden files add a half. */
    private record Brightened(Checkpoint weights) implements Checkpoint {
        Brightened(TaeConfig config, long seed) {
            this(new GeneratedWeights(config, seed));
        }

        @Override
        public VaeConfig config() {
            return weights.config();
        }

        @Override
        public Map<String, TensorInfo> tensors() {
            return weights.tensors();
        }

        @Override
        public Path path() {
            return weights.path();
        }

        @Override
        public void read(String name, MemorySegment target) throws IOException {
            weights.read(name, target);
            if (!name.equals("decoder.22.bias")) return;
            for (long i = 0; i < target.byteSize() / 4; i++)
                target.setAtIndex(
                        ValueLayout.JAVA_FLOAT_UNALIGNED,
                        i,
                        target.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i) + 0.5f);
        }

        @Override
        public void close() throws IOException {
            weights.close();
        }
    }

    @Test
    void wan21() throws Exception {
        check("tae_wan21", TaeConfig.of(TaeModel.TAEW2_1), 1);
        check("tae_wan21_single", TaeConfig.of(TaeModel.TAEW2_1), 1);
    }

    @Test
    void wan22() throws Exception {
        check("tae_wan22", TaeConfig.of(TaeModel.TAEW2_2), 2);
        check("tae_wan22_super", TaeConfig.superOf(TaeModel.TAEW2_2), 3);
    }

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(
                TaeTest.class.getResource("golden/" + name + ".safetensors").toURI());
    }

    /** The reference's values are in [0, 1] and clamped. */
    private static void check(String name, TaeConfig config, long seed) throws IOException, URISyntaxException {
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = WanVae.open(new Brightened(config, seed), OpenOptions.DEFAULT)) {
            vae.decode(Latents.read(golden(name)), sink);
        }
        try (SafetensorsFile file = SafetensorsFile.open(golden(name))) {
            float[] frames = read(file, "frames"), expected = read(file, "expected");
            int[] indexes = new int[frames.length];
            for (int i = 0; i < indexes.length; i++) indexes[i] = (int) frames[i];
            float[] actual = sink.only(indexes);
            assertEquals(expected.length, actual.length);
            double max = 0;
            for (int i = 0; i < expected.length; i++) {
                double d = Math.abs(expected[i] - (actual[i] + 1) / 2);
                max = d <= max ? max : d;
            }
            assertTrue(max <= 5e-5, name + ": max " + max);
        }
    }

    private static float[] read(SafetensorsFile file, String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * file.tensors().get(name).elements(), 8);
            file.read(name, values);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Test
    void encodes() throws Exception {
        checkEncoder("tae_wan21", TaeConfig.of(TaeModel.TAEW2_1), 1);
        checkEncoder("tae_wan22", TaeConfig.of(TaeModel.TAEW2_2), 2);
    }

    private static void checkEncoder(String name, TaeConfig config, long seed) throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(golden("encode/" + name));
                WanVae vae =
                        WanVae.open(new GeneratedWeights(config, seed), OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            long[] sizes = file.tensors().get("video").shape();
            float[] video = read(file, "video"), expected = read(file, "encoded");
            Latents latents = vae.encode(
                    new Clip(video, (int) sizes[2], (int) sizes[3], (int) sizes[4], true), EncodeOptions.DEFAULT);
            assertTrue(latents.normalized());
            assertEquals(
                    Arrays.toString(file.tensors().get("encoded").shape()),
                    latents.shape().toString());
            float[] actual = latents.values().toArray(ValueLayout.JAVA_FLOAT);
            double max = 0;
            for (int i = 0; i < expected.length; i++) max = Math.max(max, Math.abs(expected[i] - actual[i]));
            assertTrue(max <= 5e-5, name + ": max " + max);
            float[] raw = vae.encode(
                            new Clip(video, (int) sizes[2], (int) sizes[3], (int) sizes[4], true),
                            EncodeOptions.DEFAULT.withNormalized(false))
                    .values()
                    .toArray(ValueLayout.JAVA_FLOAT);
            LatentScaling scaling = config.latentScaling();
            assertEquals(
                    actual[0] / scaling.divisors().get(0) + scaling.shifts().get(0), raw[0]);
        }
    }

    /** A video of {@code [3][F][H][W]} in [0, 1], whose length is told or not. */
    private static final class Clip implements FrameSource {
        private final float[] video;
        private final int frames, height, width;
        private final boolean told;
        private int next;

        Clip(float[] video, int frames, int height, int width, boolean told) {
            this.video = video;
            this.frames = frames;
            this.height = height;
            this.width = width;
            this.told = told;
        }

        @Override
        public VideoShape shape() {
            return new VideoShape(1, told ? frames : VideoShape.UNKNOWN, height, width);
        }

        @Override
        public Optional<Frame> next() {
            if (next == frames) return Optional.empty();
            float[] pixels = new float[3 * height * width];
            for (int i = 0; i < pixels.length; i++)
                pixels[i] = 2 * video[((i % 3) * frames + next) * height * width + i / 3] - 1;
            next++;
            return Optional.of(Frame.of(height, width, pixels));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 24", "7, 64, 40", "18, 133, 110", "27, 130, 49"})
    void dividingAnEncodeChangesNoBit(int frames, int height, int width) throws IOException {
        float[] video = new float[3 * frames * height * width];
        for (int i = 0; i < video.length; i++) video[i] = (i * 7919L % 1009) / 1009f;
        try (WanVae vae = WanVae.open(new GeneratedWeights(TINY, 7), OpenOptions.DEFAULT.withHalves(Half.ENCODER))) {
            EncodeOptions plain = EncodeOptions.DEFAULT.withThreads(1);
            Clip clip = new Clip(video, frames, height, width, true);
            long most = vae.planEncode(clip.shape(), plain).memory();
            Latents one = vae.encode(clip, plain);
            assertEquals((frames + 3) / 4, one.shape().frames());
            assertEquals((height + 7) / 8, one.shape().height());
            float[] values = one.values().toArray(ValueLayout.JAVA_FLOAT);
            assertArrayEquals(values, encode(vae, new Clip(video, frames, height, width, true), plain.withThreads(3)));
            assertArrayEquals(values, encode(vae, new Clip(video, frames, height, width, false), plain));
            EncodePlan smallest = vae.planEncode(clip.shape(), plain.withMemoryLimitBytes(1));
            assertEquals(height >= 128, smallest.steps().getFirst().contains("pieces"));
            long least = smallest.memory();
            for (long limit = least; limit < most; limit += (most - least) / 3 + 1)
                assertArrayEquals(
                        values,
                        encode(vae, new Clip(video, frames, height, width, true), plain.withMemoryLimitBytes(limit)),
                        limit + " bytes of memory");
        }
    }

    private static float[] encode(WanVae vae, FrameSource source, EncodeOptions options) throws IOException {
        return vae.encode(source, options).values().toArray(ValueLayout.JAVA_FLOAT);
    }

    @ParameterizedTest
    @CsvSource({"false, 1, 5, 7", "false, 6, 16, 21", "true, 1, 3, 5", "true, 4, 16, 9"})
    void threadsAndPiecesChangeNoBit(boolean isSuper, int frames, int height, int width) throws IOException {
        TaeConfig config = isSuper ? TINY_SUPER : TINY;
        Latents latents =
                GeneratedWeights.latents(new LatentShape(1, config.latentChannels(), frames, height, width), 5);
        try (WanVae vae = WanVae.open(new GeneratedWeights(config, 7), OpenOptions.DEFAULT)) {
            DecodeOptions plain = DecodeOptions.DEFAULT.withThreads(1);
            float[] one = decode(vae, latents, plain);
            assertArrayEquals(one, decode(vae, latents, plain.withThreads(3)));
            DecodePlan smallest = vae.plan(latents, plain.withMemoryLimitBytes(1));
            assertEquals(height >= 16, smallest.steps().getFirst().contains("pieces"));
            long least = smallest.memory();
            long most = vae.plan(latents, plain).memory();
            for (long limit = least; limit < most; limit += (most - least) / 3 + 1)
                assertArrayEquals(
                        one, decode(vae, latents, plain.withMemoryLimitBytes(limit)), limit + " bytes of memory");
        }
    }

    /** Members of a batch are decoded as they are alone; tiles are blended. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void batchesAndTiles(boolean isSuper) throws IOException {
        TaeConfig config = isSuper ? TINY_SUPER : TINY;
        int height = 9, width = 12, scale = config.spatialScale();
        Latents both = GeneratedWeights.latents(new LatentShape(2, config.latentChannels(), 2, height, width), 5);
        float[] values = both.values().toArray(ValueLayout.JAVA_FLOAT);
        Latents second = Latents.of(
                        new LatentShape(1, config.latentChannels(), 2, height, width),
                        Arrays.copyOfRange(values, values.length / 2, values.length))
                .raw();
        DecodeOptions plain = DecodeOptions.DEFAULT.withThreads(2).withClamp(false);
        try (WanVae vae = WanVae.open(new GeneratedWeights(config, 7), OpenOptions.DEFAULT)) {
            float[] all = decode(vae, both, plain), alone = decode(vae, second, plain);
            assertArrayEquals(alone, Arrays.copyOfRange(all, all.length / 2, all.length));
            DecodeOptions tiled = plain.withTiling(Tiling.of(8 * scale, 8 * scale, 6 * scale, 6 * scale));
            float[] blended = decode(vae, second, tiled);
            assertArrayEquals(blended, decode(vae, second, tiled.withThreads(1)));
            double largest = 0, corner = Math.abs(blended[0] - alone[0]);
            for (int i = 0; i < alone.length; i++) largest = Math.max(largest, Math.abs(blended[i] - alone[i]));
            // Layers reach far, but a corner's pixels hardly see the end of their tile.
            assertTrue(corner < largest / 100 && largest > 1e-3, corner + " " + largest);
        }
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        return sink.samples;
    }
}
