package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.HunyuanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.FrameTiling;
import wanvae.decode.Tiling;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.SafetensorsFile;

/** HunyuanVideo's VAE: against diffusers' results, its plain twin, and diffusers' composition of tiles in time. */
class HunyuanTest {
    private static final HunyuanConfig TINY =
            new HunyuanConfig(16, List.of(16, 32, 48, 48), 1, true, 8, 8, 4, 0.476986f);
    private static final HunyuanConfig ODD = new HunyuanConfig(4, List.of(8, 8, 16, 16), 2, true, 4, 4, 4, 0.476986f);
    private static final DecodeOptions WHOLE = DecodeOptions.DEFAULT.withFrameTiling(FrameTiling.OFF);

    private static WanVae open(HunyuanConfig config, long seed) throws IOException {
        return WanVae.open(new GeneratedWeights(config, seed), OpenOptions.DEFAULT);
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        assertTrue(sink.finished);
        return sink.samples;
    }

    @ParameterizedTest(name = "{0}")
    @Tag("arithmetic")
    @CsvSource({
        "decode, false",
        "single_frame, true",
        "framewise_4, true",
        "framewise_5, true",
        "framewise_7, true",
        "framewise_default, true",
        "batch2, true",
        "small_latents, true",
        "scaled_latents, true"
    })
    void likeDiffusers(String name, boolean framewise) throws Exception {
        check(
                "hunyuan_tiny" + (name.equals("decode") ? "" : "_" + name),
                TINY,
                31,
                framewise ? DecodeOptions.DEFAULT : WHOLE,
                2e-5);
    }

    @Test
    void likeDiffusersInTiles() throws Exception {
        DecodeOptions tiled = DecodeOptions.DEFAULT.withTiling(Tiling.of(64, 64, 48, 48));
        check(
                "hunyuan_tiny_framewise_24_16",
                TINY,
                31,
                DecodeOptions.DEFAULT.withFrameTiling(FrameTiling.of(24, 16)),
                2e-5);
        check("hunyuan_tiny_tiled", TINY, 31, tiled, 2e-5);
        check("hunyuan_tiny_tiled_framewise", TINY, 31, tiled, 2e-5);
        check(
                "hunyuan_odd_tiled_framewise",
                ODD,
                33,
                DecodeOptions.DEFAULT.withTiling(Tiling.of(24, 32, 16, 24)),
                2e-5);
    }

    @Test
    void anEnlargementInTimeOnly() throws Exception {
        check("hunyuan_odd", ODD, 33, WHOLE, 2e-5);
    }

    @Test
    void fullSize() throws Exception {
        check("hunyuan_full", HunyuanConfig.HUNYUAN_VIDEO, 41, WHOLE, 1e-4);
    }

    private static void check(String name, HunyuanConfig config, long seed, DecodeOptions options, double allowed)
            throws Exception {
        Path file = Path.of(
                HunyuanTest.class.getResource("golden/" + name + ".safetensors").toURI());
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = open(config, seed);
                SafetensorsFile golden = SafetensorsFile.open(file)) {
            vae.decode(
                    golden.tensors().containsKey("normalised")
                            ? Latents.read(file, "normalised")
                            : Latents.read(file, "latents").raw(),
                    sink,
                    options);
            float[] frames = read(golden, "frames");
            int[] indexes = new int[frames.length];
            for (int i = 0; i < indexes.length; i++) indexes[i] = (int) frames[i];
            assertClose(read(golden, "expected"), sink.only(indexes), allowed, name);
        }
    }

    private static float[] read(SafetensorsFile file, String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * file.tensors().get(name).elements(), 8);
            file.read(name, values);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static void assertClose(float[] expected, float[] actual, double allowed, String what) {
        assertEquals(expected.length, actual.length, what);
        double max = 0;
        for (int i = 0; i < expected.length; i++) {
            double d = Math.abs(expected[i] - actual[i]);
            max = d <= max ? max : d;
        }
        assertTrue(max <= allowed, what + ": max " + max);
    }

    @Test
    @Tag("arithmetic")
    void likeItsPlainTwin() throws IOException {
        HunyuanConfig[] configs = {
            new HunyuanConfig(5, List.of(6, 9, 15), 1, true, 3, 8, 4, 1),
            new HunyuanConfig(3, List.of(4, 18, 20, 34, 6), 0, false, 2, 8, 4, 1),
            new HunyuanConfig(16, List.of(7, 7, 21), 2, true, 7, 1, 4, 1)
        };
        int[][] sizes = {{1, 2, 3}, {2, 3, 5}, {4, 2, 1}};
        for (HunyuanConfig config : configs)
            for (int[] size : sizes) {
                Latents latents = GeneratedWeights.latents(
                        new LatentShape(1, config.latentChannels(), size[0], size[1], size[2]), 5);
                try (WanVae vae = open(config, 9)) {
                    assertClose(
                            new HunyuanTwin(config, new GeneratedWeights(config, 9)).decode(latents),
                            decode(vae, latents, WHOLE),
                            2e-5,
                            config + " " + latents.shape());
                }
            }
    }

    @Test
    void bitsDoNotDependOnThreads() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 16, 6, 9, 7), 5);
        try (WanVae vae = open(TINY, 9)) {
            float[] one = decode(vae, latents, DecodeOptions.DEFAULT.withThreads(1));
            for (int threads = 2; threads <= 6; threads += 2)
                assertArrayEquals(
                        one, decode(vae, latents, DecodeOptions.DEFAULT.withThreads(threads)), threads + " threads");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 5, 16, 12",
        "2, 11, 12, 8",
        "1, 6, 16, 4",
        "1, 5, 4, 4",
        "1, 6, 16, 16",
        "1, 7, 8, 4",
        "1, 3, 8, 4",
        "2, 2, 8, 8"
    })
    void tilesInTimeLikeTheReferencesComposition(int members, int frames, int tile, int stride) throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(members, 4, frames, 3, 2), 5);
        try (WanVae vae = open(ODD, 9)) {
            for (Tiling tiling : new Tiling[] {Tiling.OFF, Tiling.of(8, 8, 8, 8)}) {
                DecodeOptions whole = WHOLE.withTiling(tiling);
                assertArrayEquals(
                        composed(vae, latents, whole, tile / 4, stride / 4),
                        decode(vae, latents, whole.withFrameTiling(FrameTiling.of(tile, stride))));
            }
        }
    }

    /**
     * Tiles decoded by themselves, the first frames of all but the first one dropped, each mixed whole with the one
     * before, cut and put together.
     */
    private static float[] composed(WanVae vae, Latents latents, DecodeOptions whole, int tile, int stride)
            throws IOException {
        LatentShape s = latents.shape();
        if (s.frames() <= tile) return decode(vae, latents, whole);
        int total = 4 * (s.frames() - 1) + 1, plane = s.height() * s.width() * 16;
        float[] video = new float[s.batch() * 3 * total * plane];
        for (int member = 0; member < s.batch(); member++) {
            float[] before = null;
            for (int from = 0, shown = 0; from < s.frames(); from += stride) {
                int count = Math.min(tile + 1, s.frames() - from),
                        all = 4 * (count - 1) + 1,
                        drop = from == 0 ? 0 : 1,
                        length = all - drop;
                float[] decoded = decode(vae, clip(latents, member, from, count), whole),
                        own = new float[3 * length * plane];
                for (int c = 0; c < 3; c++)
                    System.arraycopy(decoded, (c * all + drop) * plane, own, c * length * plane, length * plane);
                int earlier = before == null ? 0 : before.length / (3 * plane),
                        n = Math.min(Math.min(earlier, length), 4 * (tile - stride));
                for (int c = 0; c < 3; c++)
                    for (int f = 0; f < n; f++)
                        for (int p = 0; p < plane; p++) {
                            int i = (c * length + f) * plane + p;
                            own[i] = before[(c * earlier + earlier - n + f) * plane + p] * (float) (1 - (double) f / n)
                                    + own[i] * (float) ((double) f / n);
                        }
                int kept = Math.min(Math.min(length, 4 * stride + 1 - drop), total - shown);
                for (int c = 0; c < 3; c++)
                    System.arraycopy(
                            own, c * length * plane, video, ((member * 3 + c) * total + shown) * plane, kept * plane);
                shown += kept;
                before = own;
            }
        }
        return video;
    }

    private static Latents clip(Latents latents, int member, int from, int count) {
        LatentShape s = latents.shape();
        int plane = s.height() * s.width();
        float[] all = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED),
                some = new float[s.channels() * count * plane];
        for (int c = 0; c < s.channels(); c++)
            System.arraycopy(
                    all,
                    ((member * s.channels() + c) * s.frames() + from) * plane,
                    some,
                    c * count * plane,
                    count * plane);
        return Models.like(latents, new LatentShape(1, s.channels(), count, s.height(), s.width()), some);
    }

    @Test
    void memoryDoesNotGrowWithTheClip() throws IOException {
        try (WanVae vae = open(TINY, 9)) {
            LatentShape some = new LatentShape(1, 16, 9, 8, 8), many = new LatentShape(1, 16, 900, 8, 8);
            long latents = 4L * 16 * 8 * 8 * (900 - 9);
            assertEquals(
                    vae.plan(some, DecodeOptions.DEFAULT).memory() + latents,
                    vae.plan(many, DecodeOptions.DEFAULT).memory());
            assertTrue(vae.plan(many, WHOLE).memory()
                    > 20
                            * (vae.plan(some, WHOLE).memory()
                                    - vae.plan(new LatentShape(1, 16, 1, 1, 1), WHOLE)
                                            .memory()));
        }
    }

    @Test
    void aBoundChoosesNoTiles() throws IOException {
        LatentShape shape = new LatentShape(1, 16, 5, 40, 40);
        Latents latents = GeneratedWeights.latents(shape, 5);
        try (WanVae vae = open(TINY, 9)) {
            DecodeOptions bounded = DecodeOptions.DEFAULT.withMemoryLimitBytes(350 << 20);
            String message = assertThrows(IOException.class, () -> vae.decode(latents, new CollectingSink(), bounded))
                    .getMessage();
            assertTrue(
                    message.matches(
                            "Decoding 320x320 takes at least \\d+ MB of memory, but was given 368 MB; smaller tiles take less, .*"),
                    message);
            assertTrue(vae.plan(shape, bounded.withTiling(Tiling.of(64, 64, 48, 48)))
                            .memory()
                    < vae.plan(shape, bounded).memory() - (100 << 20));
        }
    }

    @Test
    void framesLeaveTileByTile() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 16, 12, 2, 2), 5);
        double[] share = {0, 0};
        try (WanVae vae = open(TINY, 9)) {
            vae.decode(
                    latents,
                    (member, index, frame) -> share[1] = index == 0 ? share[0] : share[1],
                    DecodeOptions.DEFAULT.withListener((done, total, work) -> share[0] = work));
        }
        assertTrue(share[1] > 0 && share[1] < 0.75, "the first frame came after " + share[1] + " of the work");
    }

    @Test
    void aResultThatIsNotFiniteIsRefusedWithItsPlace() throws IOException {
        Latents latents =
                Models.changed(GeneratedWeights.latents(new LatentShape(1, 16, 6, 1, 2), 5), 5 * 2, Float.MAX_VALUE);
        try (WanVae vae = open(TINY, 9)) {
            String message = assertThrows(
                            FormatException.class,
                            () -> vae.decode(latents, new CollectingSink(), DecodeOptions.DEFAULT))
                    .getMessage();
            assertTrue(
                    message.startsWith("The decoded video is not finite: first at frame 12, row 0, column 0"), message);
        }
    }

    @Test
    void refusesTilesThatDoNotFit() throws IOException {
        for (int[] s : new int[][] {{0, 4}, {16, 0}, {15, 12}, {16, 10}, {12, 16}})
            assertThrows(IllegalArgumentException.class, () -> FrameTiling.of(s[0], s[1]));
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            LatentShape shape = new LatentShape(1, 16, 2, 2, 2);
            vae.plan(shape, WHOLE);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> vae.plan(shape, WHOLE.withFrameTiling(FrameTiling.DIFFUSERS)))
                    .getMessage();
            assertTrue(message.contains("does not tile in time"), message);
        }
    }
}
