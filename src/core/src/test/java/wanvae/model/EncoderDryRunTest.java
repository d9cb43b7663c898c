package wanvae.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.Half;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedWeights;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.runtime.Team;

/**
 * A live run of an encoder takes the memory that its dry run tells, to the byte, and does as many operations: each stage
 * alone, several of them, and all.
 */
class EncoderDryRunTest {
    private static VaeConfig config(String model) {
        return switch (model) {
            case "wan21" -> wan(WanConfig.WAN_2_1, 4, 3);
            case "wan22" -> wan(WanConfig.WAN_2_2, 4, 12);
            case "wide" -> wan(WanConfig.WAN_2_1, 36, 3); // its last levels have more than 128 channels
            case "tiny" ->
                new TaeConfig(
                        TaeModel.TAEW2_1, 16, 1, List.of(20, 12, 8, 8), List.of(1, 2, 2), false, 8, List.of(2, 2, 1));
            default -> throw new IllegalArgumentException(model);
        };
    }

    private static WanConfig wan(WanConfig family, int width, int colours) {
        return new WanConfig(
                        family.className(),
                        4,
                        family.zDim(),
                        family.dimMult(),
                        1,
                        family.temporalUpsample(),
                        family.latentsMean(),
                        family.latentsStd(),
                        family.isResidual(),
                        family.outChannels(),
                        family.patchSize())
                .withEncoder(width, colours);
    }

    /** Height and width in patches; odd sizes on the way of some. */
    @ParameterizedTest
    @CsvSource({
        "wan21, 1, 253, 27, 3",
        "wan21, 5, 45, 51, 1",
        "wan21, 25, 200, 16, 3",
        "wan22, 1, 208, 16, 3",
        "wan22, 21, 208, 24, 2",
        "wide, 5, 61, 32, 1",
        "tiny, 1, 40, 27, 1",
        "tiny, 7, 133, 24, 3",
        "tiny, 38, 130, 49, 2"
    })
    void tellsWhatALiveRunTakes(String model, int frames, int height, int width, int bands) throws IOException {
        VaeConfig config = config(model);
        VaeFamily<VaeConfig> family = VaeFamily.of(config);
        LatentShape clip = new LatentShape(
                1, config.imageChannels() * config.patchSize() * config.patchSize(), frames, height, width);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            VaeEncoder dry = family.encoder(Weights.dry(family.tensors(config, Half.ENCODER)), config);
            VaeEncoder live = family.encoder(
                    Weights.read(new GeneratedWeights(config, 3).half(Half.ENCODER), arena, false, 1), config);
            for (int from = 0; from < dry.stages(); from++)
                for (int to = from + 1; to <= dry.stages(); to++)
                    for (Window window : windows(dry, clip, from, to))
                        compare(team, dry, live, clip, from, to, window, bands);
        }
    }

    /** The whole picture, and of the first stages a piece. */
    private static List<Window> windows(VaeEncoder encoder, LatentShape clip, int from, int to) {
        Window picture = encoder.shape(clip, to).picture();
        List<Window> windows = new ArrayList<>(List.of(picture));
        int top = picture.height() / 2 / 8 * 8, left = picture.width() / 2 / 8 * 8;
        if (from == 0 && to < encoder.stages() && top > 0)
            windows.add(new Window(
                    top, left, picture.height() - top, picture.width() - left, picture.height(), picture.width()));
        return windows;
    }

    private static void compare(
            Team team, VaeEncoder dry, VaeEncoder live, LatentShape clip, int from, int to, Window window, int bands)
            throws IOException {
        String what = "stages " + from + " to " + to + ", " + window;
        DryContext told = new DryContext();
        dry.run(told, clip, from, to, dry.plan(clip, from, to, window, bands, new FrameSizes()), null, null);
        try (Arena arena = Arena.ofShared()) {
            FramePool pool =
                    FramePool.of(arena, told.pool().regionBytes(), told.pool().slotBytes());
            long[] operations = {0};
            int[] delivered = {0};
            Workspace scratch = new Workspace(arena, team.size(), told.scratchBytes(), 0, 0);
            BandPlan plan = live.plan(clip, from, to, window, bands, new FrameSizes());
            live.run(
                    new LiveContext(team, scratch, pool, done -> operations[0] += done),
                    clip,
                    from,
                    to,
                    plan,
                    EncoderDryRunTest::zeros,
                    (first, output) -> {
                        assertEquals(delivered[0], first, what);
                        delivered[0] += output.frames().count();
                        assertTrue(output.frames().window().contains(window), what);
                    });
            assertEquals(live.shape(clip, to).frames(), delivered[0], what);
            assertEquals(told.operations(), operations[0], what);
            assertEquals(told.pool().regionBytes(), pool.regionBytes(), what);
            assertEquals(told.pool().slotBytes(), pool.slotBytes(), what);
        }
    }

    private static void zeros(int first, StageOutput target) {
        for (MemorySegment frame : target.frames().frames()) frame.fill((byte) 0);
    }
}
