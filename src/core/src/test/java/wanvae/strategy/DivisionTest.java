package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.config.Half;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSink;
import wanvae.generated.GeneratedWeights;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.BandPlan;
import wanvae.model.DryContext;
import wanvae.model.ForwardContext;
import wanvae.model.FrameSizes;
import wanvae.model.StreamingDecoder;
import wanvae.model.Weights;
import wanvae.model.tae.TaeDecoder;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.Caches;
import wanvae.runtime.Team;

/** However a decode is divided, its bits are those of the undivided one. */
class DivisionTest {
    static WanConfig config(boolean residual) {
        return config(residual, 4, List.of(1, 2, 4, 4));
    }

    static WanConfig config(boolean residual, int width, List<Integer> multiples) {
        int channels = residual ? 48 : 16;
        return new WanConfig(
                "AutoencoderKLWan",
                width,
                channels,
                multiples,
                1,
                List.of(true, true, false),
                Collections.nCopies(channels, 0f),
                Collections.nCopies(channels, 1f),
                residual,
                residual ? 12 : 3,
                residual ? 2 : 1);
    }

    @Test
    void bandsChangeNothing() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            for (LatentShape shape : new LatentShape[] {
                new LatentShape(1, residual ? 48 : 16, 4, 19, 3), new LatentShape(1, residual ? 48 : 16, 1, 37, 2)
            })
                try (Arena arena = Arena.ofShared()) {
                    WanConfig config = config(residual);
                    WanDecoder decoder =
                            new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
                    float[] whole = decode(decoder, config, shape, 1);
                    for (int bands = 2; bands <= 4; bands++) {
                        assertTrue(decoder.plan(shape, bands).bands().size() > 1);
                        assertArrayEquals(
                                whole,
                                decode(decoder, config, shape, bands),
                                bands + " bands of " + shape + " " + residual);
                    }
                }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void norDoBandsOfTinyAutoencoders(boolean isSuper) throws IOException {
        TaeConfig config = new TaeConfig(
                isSuper ? TaeModel.TAEW2_2 : TaeModel.TAEW2_1,
                isSuper ? 48 : 16,
                isSuper ? 2 : 1,
                isSuper ? List.of(32, 16, 16, 48) : List.of(24, 12, 8, 5),
                List.of(1, 2, 2),
                isSuper,
                8,
                List.of(2, 2, 1));
        try (Arena arena = Arena.ofShared()) {
            TaeDecoder decoder = new TaeDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
            for (int frames : new int[] {1, 4}) {
                LatentShape shape = new LatentShape(1, config.latentChannels(), frames, 17, 3);
                float[] whole = decode(decoder, config, shape, 1);
                for (int bands = 2; bands <= 4; bands++) {
                    assertTrue(decoder.plan(shape, bands).bands().size() > 1);
                    assertArrayEquals(whole, decode(decoder, config, shape, bands), bands + " bands of " + shape);
                }
            }
            for (int height = 1; height < 60; height++)
                for (int bands = 1; bands <= 64; bands += 7)
                    decoder.plan(new LatentShape(1, config.latentChannels(), 5, height, 3), bands);
        }
    }

    /**
     * From 129 channels on convolutions compute tiles of six rows, others of four: bands and pieces begin and end with
     * whole tiles of both.
     */
    @Test
    void norWhereLayersAreWide() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared();
                    Team team = new Team(2, () -> false)) {
                WanConfig config =
                        config(residual, residual ? 132 : 66, residual ? List.of(1, 1, 1, 1) : List.of(1, 2, 2, 2));
                WanDecoder decoder =
                        new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
                LatentShape shape = new LatentShape(1, residual ? 48 : 16, 2, 17, 2);
                float[] whole = decode(decoder, config, shape, 1);
                assertTrue(decoder.plan(shape, 2).bands().size() > 1);
                assertArrayEquals(whole, decode(decoder, config, shape, 3), "bands");
                Latents latents = GeneratedWeights.latents(shape, 7);
                whole = run(PlainDecoding.plan(decoder, shape, 1), latents, team);
                assertArrayEquals(whole, run(pieces(decoder, shape, 2, 2, 1, 2), latents, team), "pieces");
                for (int height = 1; height < 60; height++)
                    for (int bands = 1; bands <= 8; bands++)
                        for (int frames : new int[] {1, 5})
                            decoder.plan(new LatentShape(1, shape.channels(), frames, height, 3), bands);
            }
    }

    /** A plan for a machine of small caches reserves scratch for smaller blocks. */
    @Test
    void norDoCaches() throws IOException {
        WanConfig config = config(false);
        LatentShape shape = new LatentShape(1, 16, 2, 13, 12);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(3, () -> false)) {
            WanDecoder decoder = new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
            Latents latents = GeneratedWeights.latents(shape, 7);
            PlainDecoding usual = PlainDecoding.plan(decoder, shape, 1);
            float[] other = new Caches(1, 1, 1, 1, 1).assumed(() -> {
                PlainDecoding plan = PlainDecoding.plan(decoder, shape, 1);
                assertTrue(plan.needs().scratchBytes() < usual.needs().scratchBytes());
                return run(plan, latents, team);
            });
            assertArrayEquals(run(usual, latents, team), other);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1,  4, 6, 5,  1",
        "1, 2, 2,  3, 7, 5,  2",
        "1, 1, 3,  7, 5, 9,  1",
        "1, 3, 1,  2, 9, 1,  1",
        "2, 2, 2,  6, 5, 7,  1",
        "2, 1, 2,  1, 4, 5,  3",
        "3, 2, 3,  5, 4, 7,  1",
        "3, 1, 5,  2, 1, 5,  1",
        "2, 2, 1,  10,5, 3,  1"
    })
    void piecesChangeNothing(int cut, int rows, int columns, int frames, int height, int width, int members)
            throws IOException {
        for (boolean residual : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared();
                    Team team = new Team(2, () -> false)) {
                WanConfig config = config(residual);
                WanDecoder decoder =
                        new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
                LatentShape shape = new LatentShape(members, residual ? 48 : 16, frames, height, width);
                Latents latents = GeneratedWeights.latents(shape, 7);
                float[] whole = run(PlainDecoding.plan(decoder, shape, 1), latents, team);
                for (int bands : new int[] {1, 2})
                    assertArrayEquals(whole, run(pieces(decoder, shape, cut, rows, columns, bands), latents, team));
            }
    }

    @Test
    void tilesAtATimeChangeNothing() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared()) {
                WanConfig config = config(residual);
                WanDecoder decoder =
                        new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
                LatentShape shape = new LatentShape(2, residual ? 48 : 16, 6, 5, 7);
                Latents latents = GeneratedWeights.latents(shape, 7);
                TiledDecoding tiled =
                        TiledDecoding.plan(decoder, shape, new TilePlan(5, 7, 3, 4, 2, 3), 1, Path.of("/tmp"));
                float[] one = null;
                for (int threads : new int[] {1, 2, 5})
                    for (int lanes = 1; lanes <= 4; lanes++)
                        try (Team team = new Team(threads, () -> false)) {
                            float[] several = run(tiled.inLanes(lanes), latents, team);
                            if (one == null) one = several;
                            assertArrayEquals(one, several, lanes + " at a time, " + threads + " threads");
                        }
            }
    }

    private static float[] run(Decoding decoding, Latents latents, Team team) throws IOException {
        List<float[]> frames = new ArrayList<>();
        double[] last = {0};
        decoding.run(
                latents,
                (member, index, frame) -> frames.add(frame.pixels().toArray(ValueLayout.JAVA_FLOAT)),
                new DecodeRun(team, Arena::ofShared, true, false, work -> last[0] = work));
        assertEquals(1, last[0], 1e-9);
        int each = frames.getFirst().length;
        float[] all = new float[frames.size() * each];
        for (int i = 0; i < frames.size(); i++) System.arraycopy(frames.get(i), 0, all, i * each, each);
        return all;
    }

    @Test
    void layersReachAsFarAsTheirTilesDo() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            WanConfig config = config(false);
            WanDecoder decoder = new WanDecoder(Weights.read(new GeneratedWeights(config, 3), arena, false, 1), config);
            LatentShape shape = new LatentShape(1, 16, 5, 40, 60);
            Window window = new Window(80, 160, 80, 160, 320, 480);
            // conv_out computes the window, four convolutions a tile of 4 more each, the enlarging one a tile of 8
            // more; it sees half of that and a pixel more.
            assertEquals(
                    new Window((80 - 24) / 2 - 1, (160 - 24) / 2 - 1, 66, 106, 160, 240),
                    decoder.plan(shape, 3, 4, window, 1, new FrameSizes()).entry());
            assertEquals(Window.whole(40, 60), decoder.plan(shape, 3).entry());
        }
    }

    /**
     * A pool as large as a dry run tells, whose frames no arithmetic touches, suffices for clips of every length: of
     * long ones only a part goes through the dry run.
     */
    @Test
    void aDryRunTellsWhatClipsOfEveryLengthTake() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            for (int bands : new int[] {1, 3}) {
                WanConfig config = config(residual);
                WanDecoder decoder =
                        new WanDecoder(Weights.dry(VaeFamily.of(config).tensors(config, Half.DECODER)), config);
                for (int frames = 1; frames <= 40; frames++) {
                    LatentShape shape = new LatentShape(1, config.zDim(), frames, 20, 13);
                    PlainDecoding plain = PlainDecoding.plan(decoder, shape, bands);
                    PiecewiseDecoding pieces = pieces(decoder, shape, 1, 2, 1, bands);
                    for (Section section : List.of(plain.network(), pieces.before(), pieces.behind()))
                        try (Arena arena = Arena.ofShared()) {
                            ForwardContext context =
                                    new DryContext(section.needs().pool(arena));
                            for (BandPlan window : section.windows())
                                decoder.run(context, shape, section.from(), section.to(), window, null, null);
                        }
                }
            }
    }

    private static PiecewiseDecoding pieces(
            WanDecoder decoder, LatentShape shape, int cut, int rows, int columns, int bands) {
        Section before = Section.whole(decoder, shape, 0, cut, 1);
        return PiecewiseDecoding.plan(decoder, shape, rows, columns, bands, before, Path.of("/tmp"), Long.MAX_VALUE)
                .orElseThrow();
    }

    private static float[] decode(StreamingDecoder decoder, VaeConfig config, LatentShape shape, int bands)
            throws IOException {
        Latents latents = GeneratedWeights.latents(shape, 7);
        PlainDecoding plain = PlainDecoding.plan(decoder, shape, bands);
        int height = shape.height() * config.spatialScale(),
                width = shape.width() * config.spatialScale(),
                frames = 1 + 4 * (shape.frames() - 1);
        float[] video = new float[frames * height * width * 3];
        try (Team team = new Team(2, () -> false)) {
            int[] next = {0};
            FrameSink sink = (member, index, frame) -> {
                assertEquals(next[0]++, index);
                MemorySegment.copy(
                        frame.pixels(),
                        ValueLayout.JAVA_FLOAT,
                        0,
                        video,
                        index * height * width * 3,
                        height * width * 3);
            };
            plain.run(latents, sink, new DecodeRun(team, Arena::ofShared, false, false, work -> {}));
        }
        return video;
    }
}
