package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Team;

class SharingTest {
    private static final int IN = 20, OUT = 3;

    /** A team of one asks before each task whether it was cancelled: so the tasks of a live run can be counted. */
    @Test
    void tasksAreThoseOfALiveRun() {
        AtomicInteger asked = new AtomicInteger();
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> asked.incrementAndGet() < 0)) {
            MemorySegment weight = TestFrames.flat(arena, TestFrames.random(1, 27 * IN * OUT));
            for (int frames : new int[] {1, 2, 5})
                for (Convolution conv : List.of(
                        new WinogradConv(arena, weight, OUT, IN, true, Border.ZEROS),
                        new WinogradConv(arena, weight.asSlice(0, 36 * IN * OUT), OUT, IN, false, true, Border.ZEROS),
                        new Stride2Conv(arena, weight.asSlice(0, 36 * IN * OUT), OUT, IN, Stride2Conv.Padding.BEHIND),
                        new TemporalConv(arena, weight.asSlice(0, 12 * IN * OUT), OUT, IN),
                        new DirectConv(arena, weight.asSlice(0, 4 * IN * OUT), OUT, IN, 1, 1, 1, Border.ZEROS),
                        new TapsConv(arena, weight.asSlice(0, 36 * IN * OUT), IN)))
                    check(arena, team, asked, conv, frames);
            check(arena, team, asked, new DepthwiseConv(arena, weight.asSlice(0, 36 * IN), IN, 3, 1), 2);
        }
    }

    private static void check(Arena arena, Team team, AtomicInteger asked, Convolution conv, int frames) {
        int height = 96, width = 232, out = conv instanceof DepthwiseConv ? IN : OUT;
        int past = conv instanceof TemporalConv || conv.operations() == 54L * IN * OUT ? 2 : 0;
        Window all = Window.whole(height, width), needed = conv.reads(all);
        Frames in = TestFrames.empty(arena, past + frames, needed.pictureHeight(), needed.pictureWidth(), IN);
        Epilogue epilogue = Epilogue.plain(
                arena.allocate(4L * Simd.padded(out), 64), TestFrames.empty(arena, frames, height, width, out));
        Workspace workspace =
                new Workspace(arena, 1, conv.scratchBytes(height, width), Long.MAX_VALUE, conv.transformedBytes());
        conv.run(team, workspace, in, epilogue);
        asked.set(0);
        conv.run(team, workspace, in, epilogue);
        List<Sharing> runs = Sharing.of(conv, in, epilogue, 1);
        assertEquals(
                asked.get(),
                runs.stream().mapToInt(run -> run.tasks().length).sum(),
                conv.getClass() + " of " + frames + " frames");
        for (Sharing run : runs) assertTrue(run.efficiency() > 0.8 && run.efficiency() <= 1, "efficiency of " + conv);
    }

    @Test
    void threadsTakeTheNextTaskWhenTheyAreFree() {
        Sharing sharing = new Sharing(new int[] {60, 12, 12, 12, 36}, 120, 1000, 2);
        assertEquals(72, sharing.longest());
        assertEquals(120 / 144.0, sharing.efficiency(), 1e-12);
        assertEquals(5000, sharing.weightsRead());
        assertEquals(60, new Sharing(new int[] {60, 12, 12, 12, 36}, 120, 1000, 3).longest());
    }

    /** 260 tiles of 384 channels for 64 threads: 22 blocks of a register tile's twelve rows each. */
    @Test
    void fewTilesLeaveThreadsIdle() {
        Convolution conv = WinogradConv.dry(384, 384, 3, false, Border.ZEROS);
        try (Arena arena = Arena.ofConfined()) {
            Frames in = TestFrames.empty(arena, 6, 60, 104, 384), out = TestFrames.empty(arena, 4, 60, 104, 384);
            Sharing run = Sharing.of(conv, in, Epilogue.plain(arena.allocate(4 * 384), out), 64)
                    .getFirst();
            assertEquals(260, run.useful());
            assertEquals(conv.transformedBytes(), run.weightBytes());
            assertTrue(run.tasks().length < 30 && run.efficiency() < 0.4, run.tasks().length + " tasks");
        }
    }
}
