package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.model.BandPlan;
import wanvae.model.DryContext;
import wanvae.model.ForwardContext;
import wanvae.model.Weights;
import wanvae.model.wan.WanEncoder;
import wanvae.runtime.Team;

/** However an encode is divided, its bits are those of the undivided one. */
class EncodeDivisionTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private static WanConfig config(boolean residual, int width) {
        List<Integer> multiples = width > 4 ? List.of(1, 1, 1, 1) : List.of(1, 2, 4, 4);
        return DivisionTest.config(residual, 4, multiples).withEncoder(width, residual ? 12 : 3);
    }

    private static WanEncoder encoder(WanConfig config, Arena arena) throws IOException {
        return new WanEncoder(
                Weights.read(new GeneratedWeights(config, 3).half(Half.ENCODER), arena, false, 1), config);
    }

    /** The second sizes make odd ones on the way; 132 channels make tiles of six rows, others of four. */
    @ParameterizedTest
    @CsvSource({"false, 4, 6, 200, 16", "false, 4, 1, 253, 27", "true, 4, 5, 416, 16", "false, 132, 2, 176, 8"})
    void bandsChangeNothing(boolean residual, int channels, int frames, int height, int width) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            WanEncoder encoder = encoder(config(residual, channels), arena);
            EncodedVideo video =
                    EncodedVideo.of(encoder, new VideoShape(1, 1 + 4 * (frames - 1), height, width), false);
            float[] whole = run(PlainEncoding.plan(encoder, video, 1), video, 2);
            for (int bands = 2; bands <= 4; bands++) {
                PlainEncoding banded = PlainEncoding.plan(encoder, video, bands);
                assertTrue(banded.network().windows().getFirst().bands().size() > 1);
                assertArrayEquals(whole, run(banded, video, 2), bands + " bands");
            }
        }
    }

    @Test
    void bandsArePlannedForEverySize() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            WanEncoder encoder = encoder(config(false, 4), arena);
            for (int height = 8; height < 300; height++)
                for (int bands = 1; bands <= 8; bands++) {
                    BandPlan plan = encoder.plan(new LatentShape(1, 3, 1 + height % 2 * 4, height, 9), bands);
                    assertEquals(height, plan.entry().bottom());
                }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 2,  3,  64,  96, 1",
        "1, 2, 2,  2, 100, 131, 2",
        "1, 3, 1,  6, 190,  16, 1",
        "2, 2, 2,  2, 160, 160, 1",
        "2, 1, 3,  1,  32, 208, 3",
        "3, 2, 1,  5, 256,  24, 1",
        "3, 2, 2,  2, 272, 264, 1"
    })
    void piecesChangeNothing(int cut, int rows, int columns, int frames, int height, int width, int members)
            throws IOException {
        for (boolean residual : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared()) {
                WanEncoder encoder = encoder(config(residual, 4), arena);
                int patch = residual ? 2 : 1;
                VideoShape shape = new VideoShape(members, 1 + 4 * (frames - 1), patch * height, patch * width);
                EncodedVideo video = EncodedVideo.of(encoder, shape, residual);
                float[] whole = run(PlainEncoding.plan(encoder, video, 1), video, 1);
                for (int bands : new int[] {1, 3})
                    assertArrayEquals(whole, run(pieces(encoder, video, cut, rows, columns, bands), video, 2));
            }
    }

    @Test
    void threadsChangeNothing() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared()) {
                WanEncoder encoder = encoder(config(residual, 4), arena);
                EncodedVideo video = EncodedVideo.of(encoder, new VideoShape(1, 9, 80, 112), residual);
                TilePlan tiles = new TilePlan(80 / (residual ? 16 : 8), 112 / (residual ? 16 : 8), 3, 4, 2, 3);
                for (Encoding encoding : List.of(
                        PlainEncoding.plan(encoder, video, 2),
                        TiledEncoding.plan(encoder, video, tiles, 2, DIRECTORY, false))) {
                    float[] one = run(encoding, video, 1);
                    for (int threads : new int[] {2, 5})
                        assertArrayEquals(one, run(encoding, video, threads), threads + " threads");
                }
            }
    }

    /** A pool as large as a dry run tells suffices for clips of every length. */
    @Test
    void aDryRunTellsWhatClipsOfEveryLengthTake() throws IOException {
        for (boolean residual : new boolean[] {false, true})
            for (int bands : new int[] {1, 3}) {
                WanConfig config = config(residual, 4);
                WanEncoder encoder =
                        new WanEncoder(Weights.dry(VaeFamily.of(config).tensors(config, Half.ENCODER)), config);
                for (int frames = 1; frames <= 40; frames++) {
                    EncodedVideo video =
                            EncodedVideo.of(encoder, new VideoShape(1, 1 + 4 * (frames - 1), 320, 208), true);
                    PlainEncoding plain = PlainEncoding.plan(encoder, video, bands);
                    PiecewiseEncoding pieces = pieces(encoder, video, 1, 2, 1, bands);
                    for (Section section : List.of(plain.network(), pieces.before(), pieces.behind()))
                        try (Arena arena = Arena.ofShared()) {
                            ForwardContext context =
                                    new DryContext(section.needs().pool(arena));
                            for (BandPlan window : section.windows())
                                encoder.run(context, video.clip(), section.from(), section.to(), window, null, null);
                        }
                }
            }
    }

    private static PiecewiseEncoding pieces(
            WanEncoder encoder, EncodedVideo video, int cut, int rows, int columns, int bands) {
        Section behind = Section.whole(encoder, video.clip(), cut, encoder.stages(), 1);
        return PiecewiseEncoding.plan(encoder, video, rows, columns, bands, behind, DIRECTORY, Long.MAX_VALUE)
                .orElseThrow();
    }

    private static float[] run(Encoding encoding, EncodedVideo video, int threads) throws IOException {
        List<float[]> frames = new ArrayList<>();
        double[] last = {0};
        try (Team team = new Team(threads, () -> false)) {
            VideoShape shape = new VideoShape(video.members(), video.frames(), video.height(), video.width());
            encoding.run(
                    new GeneratedVideo(shape, 7),
                    (member, frame, values) -> frames.add(values),
                    new EncodeRun(team, Arena::ofShared, false, work -> last[0] = work));
        }
        assertEquals(1, last[0], 1e-9);
        int each = frames.getFirst().length;
        float[] all = new float[frames.size() * each];
        for (int i = 0; i < frames.size(); i++) System.arraycopy(frames.get(i), 0, all, i * each, each);
        return all;
    }
}
