package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pictures look like before they are coded, and what follows for their quantisers. */
class AnalysisTest {
    private static final int WIDTH = 128, HEIGHT = 96;

    /** Noise that moves to the left by whole samples. */
    private static SourcePicture moved(int number, int by) {
        byte[] noise = new byte[(WIDTH + 64) * HEIGHT];
        new Random(5).nextBytes(noise);
        YuvFrame frame = YuvFrame.black(ChromaFormat.YUV420, WIDTH, HEIGHT);
        for (int y = 0; y < HEIGHT; y++) System.arraycopy(noise, y * (WIDTH + 64) + by, frame.y(), y * WIDTH, WIDTH);
        return new SourcePicture(frame, number);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void motionByWholeSamplesIsFoundAtHalfSize(int by) {
        SourcePicture first = moved(0, 0), second = moved(1, by);
        HalfMotion motion = second.analysis.motionTo(first.analysis);
        int inside = second.analysis.width + 2;
        assertEquals(2 * by, motion.mx[inside]);
        assertEquals(0, motion.my[inside]);
        assertTrue(motion.cost[inside] < 32, () -> motion.cost[inside] + " of noise");
    }

    private static List<MiniGop> groups(int pictures) {
        return groups(pictures, 5);
    }

    private static List<MiniGop> groups(int pictures, double quality) {
        Lookahead lookahead = new Lookahead(H264Config.of(WIDTH, HEIGHT, 25, 1).withRate(new Rate.Quality(quality)));
        List<MiniGop> groups = new ArrayList<>();
        for (int i = 0; i < pictures; i++) lookahead.add(moved(i, 0));
        lookahead.end();
        for (MiniGop gop = lookahead.next(); gop != null; gop = lookahead.next()) groups.add(gop);
        return groups;
    }

    @Test
    void whatRestsIsCodedOnceAndFinely() {
        List<MiniGop> groups = groups(9);
        assertEquals(
                List.of(1, 4, 4),
                groups.stream().map(gop -> gop.pictures().size()).toList());
        SourcePicture key = groups.get(0).last(),
                middle = groups.get(1).pictures().get(1),
                last = groups.get(2).last();
        assertTrue(key.offsets[9] < key.analysis.aqOffset[9] - 5, "eight pictures are predicted from it");
        assertTrue(middle.offsets[9] < middle.analysis.aqOffset[9] - 1, "two are");
        assertEquals(last.analysis.aqOffset[9], last.offsets[9], "none is, but B pictures before it");
    }

    @Test
    void pictureThatOthersAreMadeFromCountsMoreAtCoarseQualities() {
        double[] finer = new double[3];
        for (int i = 0; i < 3; i++) {
            SourcePicture key = groups(9, 7 - 2 * i).getFirst().last();
            finer[i] = key.analysis.aqOffset[9] - key.offsets[9];
        }
        assertEquals(finer[0], finer[1], "qualities 7 and 5");
        assertTrue(finer[2] > 1.1 * finer[1], () -> finer[2] + " at quality 3, " + finer[1] + " at 5");
    }

    @Test
    void qualityFixesTheQuantiser() {
        for (int[] each : new int[][] {{25, 5, 3040}, {50, 5, 3280}, {25, 3, 4040}, {25, 10, -5200}}) {
            H264Config config = H264Config.of(WIDTH, HEIGHT, each[0], 1).withRate(new Rate.Quality(each[1]));
            RateControl rate = new RateControl(config);
            MiniGop gop = groups(1).getFirst();
            rate.start(gop, 1, 1);
            PicturePlan plan = new PicturePlan(gop.last(), SliceType.I, true, 0, 0, 0);
            rate.quantize(plan);
            assertEquals(each[2], 100 * plan.quantizer, 0.01);
        }
    }

    @Test
    void pPicturesReferToTheBPictureBeforeTheLast() {
        PicturePlanner planner = new PicturePlanner(ParameterSets.DEFAULT_REFERENCES);
        List<PicturePlan> plans = new ArrayList<>();
        for (MiniGop gop : groups(17)) plans.addAll(planner.plan(gop));
        PicturePlan third = plans.stream()
                .filter(plan -> plan.source.number == 12)
                .findAny()
                .orElseThrow();
        assertEquals(SliceType.P, third.type);
        assertEquals(
                List.of(8, 4, 2),
                third.before.stream().map(plan -> plan.source.number).toList());
        assertTrue(third.modifiesList);
    }
}
