package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.Tiling;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;

/**
 * Blended tiles, against the reference's composition written down plainly: every tile decoded by itself, then blended
 * whole.
 */
class TilingTest {
    private static final DecodeOptions UNCLAMPED = DecodeOptions.DEFAULT.withClamp(false);

    @ParameterizedTest
    @CsvSource({
        "1, 3,   5, 7,   4, 4, 3, 3", // strides that do not divide
        "2, 2,   5, 7,   8, 4, 6, 3", // one row of tiles
        "1, 2,   7, 5,   8, 4, 6, 4", // no taller than a tile, and yet two rows; columns that share nothing
        "2, 1,   6, 5,   4, 4, 1, 1", // tiles that share more than a stride
        "3, 5,   6, 11,  5, 3, 2, 3", // every row of tiles cut, at both edges
        "1, 6,   9, 1,   2, 8, 2, 8"
    })
    void likeTheReferencesComposition(
            int members,
            int frames,
            int height,
            int width,
            int tileHeight,
            int tileWidth,
            int strideHeight,
            int strideWidth)
            throws IOException {
        for (WanConfig config : new WanConfig[] {Models.wan21(4, 1), Models.wan22(4, 1)}) {
            Latents latents =
                    GeneratedWeights.latents(new LatentShape(members, config.zDim(), frames, height, width), 5);
            try (WanVae vae = Models.open(config, 9)) {
                float[] expected = composed(vae, config, latents, tileHeight, tileWidth, strideHeight, strideWidth);
                int s = config.spatialScale();
                Tiling tiling = Tiling.of(tileHeight * s, tileWidth * s, strideHeight * s, strideWidth * s);
                assertArrayEquals(expected, decode(vae, latents, UNCLAMPED.withTiling(tiling)), config.family());
            }
        }
    }

    @Test
    void aTileLargerThanThePictureIsThePicture() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 16, 3, 4, 4), 5);
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            for (Tiling larger : new Tiling[] {Tiling.DIFFUSERS, Tiling.of(32, 32, 16, 16)})
                assertArrayEquals(
                        decode(vae, latents, DecodeOptions.DEFAULT),
                        decode(vae, latents, DecodeOptions.DEFAULT.withTiling(larger)));
        }
    }

    @Test
    void clampedAsTheReferenceClamps() throws IOException {
        Latents latents =
                GeneratedWeights.latents(new LatentShape(1, 16, 2, 12, 14), 2).raw();
        Tiling tiling = Tiling.of(64, 64, 48, 48);
        for (String name : new String[] {"AutoencoderKLWan", "AutoencoderKLQwenImage"})
            try (WanVae vae = Models.open(Models.wan(name, 16, 1), 1)) {
                float[] unclamped = decode(vae, latents, UNCLAMPED.withTiling(tiling)), clamped = unclamped.clone();
                for (int i = 0; i < clamped.length; i++) clamped[i] = Math.clamp(clamped[i], -1f, 1f);
                assertTrue(!Arrays.equals(unclamped, clamped), "nothing to clamp");
                assertArrayEquals(
                        name.equals("AutoencoderKLWan") ? clamped : unclamped,
                        decode(vae, latents, DecodeOptions.DEFAULT.withTiling(tiling)));
            }
    }

    @Test
    void bitsDoNotDependOnThreads() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 16, 2, 6, 5), 5);
        DecodeOptions tiled = UNCLAMPED.withTiling(Tiling.of(32, 32, 8, 8));
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            assertArrayEquals(decode(vae, latents, tiled.withThreads(1)), decode(vae, latents, tiled.withThreads(5)));
        }
    }

    @Test
    void sizesThatWouldMisalignAreRefused() throws IOException {
        for (int[] s : new int[][] {
            {0, 64, 8, 8}, {64, -8, 8, 8}, {64, 60, 48, 48}, {64, 64, 72, 48}, {64, 64, 48, 72}, {64, 64, 48, 0}
        }) assertThrows(IllegalArgumentException.class, () -> Tiling.of(s[0], s[1], s[2], s[3]));
        try (WanVae vae = Models.open(Models.wan22(4, 1), 9)) {
            DecodeOptions tiled = DecodeOptions.DEFAULT.withTiling(Tiling.of(64, 64, 48, 40));
            String message = assertThrows(
                            IllegalArgumentException.class, () -> vae.plan(new LatentShape(1, 48, 1, 2, 2), tiled))
                    .getMessage();
            assertTrue(message.contains("multiples of 16") && message.contains("40"), message);
        }
    }

    @Test
    void thePlanTellsTilesAndDisk() throws IOException {
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            LatentShape shape = new LatentShape(1, 16, 21, 60, 104);
            DecodePlan plain = vae.plan(shape, DecodeOptions.DEFAULT),
                    tiled = vae.plan(shape, DecodeOptions.DEFAULT.withTiling(Tiling.DIFFUSERS));
            assertEquals(0, plain.disk());
            assertTrue(
                    tiled.disk() > 81L * 480 * 832 * 12 && tiled.disk() < 81L * 480 * 832 * 12 * 1.25,
                    "" + tiled.disk());
            assertTrue(tiled.memory() < plain.memory() / 1.5, tiled + " " + plain);
            assertTrue(
                    tiled.steps().getFirst().startsWith("3x5 tiles of at most 256x256"),
                    tiled.steps().getFirst());
            DecodePlan shorter =
                    vae.plan(new LatentShape(1, 16, 1, 60, 104), DecodeOptions.DEFAULT.withTiling(Tiling.DIFFUSERS));
            assertEquals(0, shorter.disk());
            DecodeOptions two =
                    DecodeOptions.DEFAULT.withTiling(Tiling.DIFFUSERS).withThreads(4);
            assertTrue(order(vae.plan(shape, two)).contains("2 at a time"), order(vae.plan(shape, two)));
            for (DecodeOptions fewer : new DecodeOptions[] {
                two.withThreads(2),
                two.withMemoryLimitBytes(vae.plan(shape, two).memory() - 1)
            }) assertTrue(order(vae.plan(shape, fewer)).contains("one at a time"), order(vae.plan(shape, fewer)));
            String message = assertThrows(
                            IOException.class,
                            () -> vae.decode(
                                    GeneratedWeights.latents(shape, 1),
                                    new CollectingSink(),
                                    two.withMemoryLimitBytes(1)))
                    .getMessage();
            assertTrue(
                    message.matches(
                            "Decoding 832x480 in these tiles takes at least \\d+ MB of memory, but was given 1 MB; smaller tiles take less, .*"),
                    message);
        }
    }

    private static String order(DecodePlan plan) {
        return plan.steps().getFirst();
    }

    @Test
    void aResultThatIsNotFiniteIsRefusedWithItsPlaceInThePicture() throws IOException {
        Latents latents = Models.changed(
                GeneratedWeights.latents(new LatentShape(2, 16, 2, 2, 12), 5), 16 * 2 * 24 + 24 + 11, Float.MAX_VALUE);
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            DecodeOptions tiled = DecodeOptions.DEFAULT.withTiling(Tiling.of(16, 16, 16, 16));
            String message = assertThrows(FormatException.class, () -> vae.decode(latents, new CollectingSink(), tiled))
                    .getMessage();
            assertEquals("The decoded video is not finite: first at frame 1, row 0, column 80 of member 1.", message);
            CollectingSink sink = new CollectingSink();
            vae.decode(latents, sink, tiled.withAllowNonfinite(true));
            assertTrue(sink.finished);
        }
    }

    @Test
    void canBeCancelledWhenAllTilesAreDone() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 16, 2, 5, 5), 5);
        CollectingSink sink = new CollectingSink();
        double[] share = {0};
        try (WanVae vae = Models.open(Models.wan21(4, 1), 9)) {
            DecodeOptions tiled = DecodeOptions.DEFAULT
                    .withTiling(Tiling.of(32, 32, 24, 24))
                    .withListener((done, total, work) -> share[0] = work)
                    .withCancelled(() -> share[0] == 1);
            assertThrows(CancellationException.class, () -> vae.decode(latents, sink, tiled));
            assertFalse(sink.finished);
        }
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        assertTrue(sink.finished);
        return sink.samples;
    }

    /** {@code [3][F][H][W]} of one tile, in planes of three colours and all frames. */
    private record Pixels(int height, int width, float[] samples) {
        float get(int plane, int y, int x) {
            return samples[(plane * height + y) * width + x];
        }

        void mix(int plane, int y, int x, float earlier, int position, int shared) {
            double weight = (double) position / shared;
            int i = (plane * height + y) * width + x;
            samples[i] = earlier * (float) (1 - weight) + samples[i] * (float) weight;
        }
    }

    private static float[] composed(
            WanVae vae,
            WanConfig config,
            Latents latents,
            int tileHeight,
            int tileWidth,
            int strideHeight,
            int strideWidth)
            throws IOException {
        LatentShape s = latents.shape();
        int scale = config.spatialScale(),
                patch = config.patchSize(),
                rows = Math.ceilDiv(s.height(), strideHeight),
                columns = Math.ceilDiv(s.width(), strideWidth);
        int planes = 3 * (1 + 4 * (s.frames() - 1)), height = s.height() * scale, width = s.width() * scale;
        float[] picture = new float[s.batch() * planes * height * width];
        for (int member = 0; member < s.batch(); member++) {
            Pixels[][] tiles = new Pixels[rows][columns];
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) {
                    Latents piece = piece(latents, member, i * strideHeight, j * strideWidth, tileHeight, tileWidth);
                    int h = piece.shape().height() * scale, w = piece.shape().width() * scale;
                    Pixels tile = tiles[i][j] = new Pixels(h, w, decode(vae, piece, UNCLAMPED));
                    if (i > 0) blendDown(tiles[i - 1][j], tile, (tileHeight - strideHeight) * scale, planes, patch);
                    if (j > 0) blendRight(tiles[i][j - 1], tile, (tileWidth - strideWidth) * scale, planes, patch);
                    for (int plane = 0; plane < planes; plane++)
                        for (int y = 0; y < Math.min(h, strideHeight * scale); y++)
                            for (int x = 0; x < Math.min(w, strideWidth * scale); x++)
                                picture[
                                                ((member * planes + plane) * height + i * strideHeight * scale + y)
                                                                * width
                                                        + j * strideWidth * scale
                                                        + x] =
                                        tile.get(plane, y, x);
                }
        }
        return picture;
    }

    private static void blendDown(Pixels a, Pixels b, int overlap, int planes, int patch) {
        int extent = Math.min(Math.min(a.height, b.height), overlap);
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < extent; y++)
                for (int x = 0; x < b.width; x++)
                    b.mix(plane, y, x, a.get(plane, a.height - extent + y, x), y / patch, extent / patch);
    }

    private static void blendRight(Pixels a, Pixels b, int overlap, int planes, int patch) {
        int extent = Math.min(Math.min(a.width, b.width), overlap);
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < b.height; y++)
                for (int x = 0; x < extent; x++)
                    b.mix(plane, y, x, a.get(plane, y, a.width - extent + x), x / patch, extent / patch);
    }

    /** The latents of a tile, cut at the picture's edge. */
    private static Latents piece(Latents latents, int member, int top, int left, int tileHeight, int tileWidth) {
        LatentShape s = latents.shape();
        int height = Math.min(tileHeight, s.height() - top),
                width = Math.min(tileWidth, s.width() - left),
                planes = s.channels() * s.frames();
        float[] all = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED),
                some = new float[planes * height * width];
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < height; y++)
                System.arraycopy(
                        all,
                        ((member * planes + plane) * s.height() + top + y) * s.width() + left,
                        some,
                        (plane * height + y) * width,
                        width);
        return Models.like(latents, new LatentShape(1, s.channels(), s.frames(), height, width), some);
    }
}
