package wanvae.decode;

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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedWeights;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.Layout;
import wanvae.model.Pass;
import wanvae.model.Weights;
import wanvae.model.wan.Split;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.Team;

/** However a decode is divided, its bits are those of the undivided one. */
class SplitTest {
    private static WanConfig config(boolean residual) {
        return config(residual, 4, List.of(1, 2, 4, 4));
    }

    private static WanConfig config(boolean residual, int width, List<Integer> multiples) {
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
                        assertTrue(decoder.split(shape, bands).bands().size() > 1);
                        assertArrayEquals(
                                whole,
                                decode(decoder, config, shape, bands),
                                bands + " bands of " + shape + " " + residual);
                    }
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
                assertTrue(decoder.split(shape, 2).bands().size() > 1);
                assertArrayEquals(whole, decode(decoder, config, shape, 3), "bands");
                Latents latents = GeneratedWeights.latents(shape, 7);
                whole = run(PlainDecoding.plan(decoder, config, shape, 1), latents, team);
                assertArrayEquals(
                        whole,
                        run(
                                PiecewiseDecoding.plan(
                                        decoder,
                                        config,
                                        shape,
                                        2,
                                        2,
                                        1,
                                        2,
                                        Path.of("/tmp"),
                                        PiecewiseDecoding.beginning(decoder, shape, 2)),
                                latents,
                                team),
                        "pieces");
                for (int height = 1; height < 60; height++)
                    for (int bands = 1; bands <= 8; bands++)
                        for (int frames : new int[] {1, 5})
                            decoder.split(new LatentShape(1, shape.channels(), frames, height, 3), bands);
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
                float[] whole = run(PlainDecoding.plan(decoder, config, shape, 1), latents, team);
                for (int bands : new int[] {1, 2})
                    assertArrayEquals(
                            whole,
                            run(
                                    PiecewiseDecoding.plan(
                                            decoder,
                                            config,
                                            shape,
                                            cut,
                                            rows,
                                            columns,
                                            bands,
                                            Path.of("/tmp"),
                                            PiecewiseDecoding.beginning(decoder, shape, cut)),
                                    latents,
                                    team));
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
                team,
                true,
                false,
                work -> last[0] = work);
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
                    decoder.split(5, new Layout.Room(), 3, window, 1).entry());
            assertEquals(Window.whole(40, 60), decoder.split(shape, 3).entry());
        }
    }

    /**
     * A pool of the rehearsed size, whose frames no arithmetic touches, suffices for clips of every length: of long
     * ones only a part is rehearsed.
     */
    @Test
    void aRehearsalTellsWhatClipsOfEveryLengthTake() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            for (int bands : new int[] {1, 3})
                try (Arena weights = Arena.ofShared()) {
                    WanConfig config = config(residual);
                    WanDecoder decoder =
                            new WanDecoder(Weights.read(new GeneratedWeights(config, 3), weights, false, 1), config);
                    for (int frames = 1; frames <= 40; frames++) {
                        LatentShape shape = new LatentShape(1, config.zDim(), frames, 20, 13);
                        Split split = decoder.split(shape, bands);
                        Rehearsal rehearsal = Rehearsal.of(
                                shape,
                                (pass, some) -> decoder.decode(pass, some, decoder.split(some, bands), null, null));
                        try (Arena arena = Arena.ofShared()) {
                            decoder.decode(Pass.rehearsal(rehearsal.pool(arena), work -> {}), shape, split, null, null);
                        }
                        PiecewiseDecoding pieces = PiecewiseDecoding.plan(
                                decoder,
                                config,
                                shape,
                                1,
                                2,
                                1,
                                bands,
                                Path.of("/tmp"),
                                PiecewiseDecoding.beginning(decoder, shape, 1));
                        try (Arena arena = Arena.ofShared()) {
                            FramePool pool = pieces.pieces().pool(arena);
                            for (Split piece : PiecewiseDecoding.splits(decoder, shape, 1, 2, 1, bands)) {
                                Pass pass = Pass.rehearsal(pool, work -> {});
                                if (frames == 1) pass.forget();
                                new CarryStore(decoder, 1, shape, null).finish(pass, piece, null);
                            }
                            Pass beginning = Pass.rehearsal(pieces.whole().pool(arena), work -> {});
                            CarryStore store = new CarryStore(decoder, 1, shape, null);
                            decoder.begin(
                                    beginning, shape, 1, null, (carry, first, frame) -> store.put(beginning, carry));
                        }
                    }
                }
    }

    private static float[] decode(WanDecoder decoder, WanConfig config, LatentShape shape, int bands)
            throws IOException {
        Latents latents = GeneratedWeights.latents(shape, 7);
        Rehearsal rehearsal = Rehearsal.of(decoder, Map.of(shape, 1), bands);
        int height = shape.height() * config.spatialScale(),
                width = shape.width() * config.spatialScale(),
                frames = 1 + 4 * (shape.frames() - 1);
        float[] video = new float[frames * height * width * 3];
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Pass pass = Pass.decoding(team, rehearsal.workspace(arena, team), rehearsal.pool(arena), work -> {});
            int[] next = {0};
            decoder.decode(
                    pass,
                    shape,
                    decoder.split(shape, bands),
                    Denormalisation.of(latents, 0, new Tile(0, 0, shape.height(), shape.width()), config),
                    new Assembly(
                            team,
                            config.patchSize(),
                            false,
                            arena.allocate(Assembly.bytes(height, width)),
                            (frame, picture, bad) -> {
                                assertEquals(next[0]++, frame);
                                MemorySegment.copy(
                                        picture,
                                        ValueLayout.JAVA_FLOAT,
                                        0,
                                        video,
                                        frame * height * width * 3,
                                        height * width * 3);
                            }));
        }
        return video;
    }
}
