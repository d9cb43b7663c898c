package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Team;

/** What a convolution computes of a window has the bits it has in the whole picture. */
@Tag("arithmetic")
class WindowTest {
    private static final int HEIGHT = 27, WIDTH = 38, IN = 20, WIDE = 130, OUT = 24, FRAMES = 5;

    @Test
    void everyWindowHasTheBitsOfTheWhole() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            MemorySegment temporal = TestFrames.flat(arena, TestFrames.random(1, OUT * IN * 27)),
                    flat = TestFrames.flat(arena, TestFrames.random(2, OUT * IN * 9));
            for (Border border : Border.values()) {
                check(arena, team, new WinogradConv(arena, temporal, OUT, IN, true, border), 2, 1);
                check(arena, team, new WinogradConv(arena, temporal, OUT, IN, true, true, border), 2, 2);
                check(arena, team, new WinogradConv(arena, flat, OUT, IN, false, true, border), 0, 2);
                check(arena, team, new DirectConv(arena, temporal, OUT, IN, 3, 3, 3, border), 2, 1);
            }
            check(arena, team, new WinogradConv(arena, flat, OUT, IN, false, Border.ZEROS), 0, 1);
            MemorySegment pair = TestFrames.flat(arena, TestFrames.random(2, OUT * IN * 18));
            check(arena, team, new WinogradConv(arena, pair, OUT, IN, 2, false, Border.ZEROS), 1, 1);
            check(arena, team, new DepthwiseConv(arena, flat.asSlice(0, 4 * OUT * 49), OUT, 7, 1), OUT, 0, 1);
            check(
                    arena,
                    team,
                    new TemporalConv(arena, TestFrames.flat(arena, TestFrames.random(3, OUT * IN * 3)), OUT, IN),
                    2,
                    1);
            check(
                    arena,
                    team,
                    new DirectConv(
                            arena,
                            TestFrames.flat(arena, TestFrames.random(3, OUT * IN)),
                            OUT,
                            IN,
                            1,
                            1,
                            1,
                            Border.ZEROS),
                    0,
                    1);
        }
    }

    @Test
    void strides() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            MemorySegment space = TestFrames.flat(arena, TestFrames.random(2, OUT * IN * 9)),
                    time = TestFrames.flat(arena, TestFrames.random(3, OUT * IN * 3));
            for (Stride2Conv.Padding padding : Stride2Conv.Padding.values()) {
                Convolution conv = new Stride2Conv(arena, space, OUT, IN, padding);
                check(arena, team, conv, FRAMES, 2 * HEIGHT, 2 * WIDTH, IN, HEIGHT, WIDTH);
            }
            Convolution conv = new DirectConv(arena, time, OUT, IN, 3, 1, 1, 2, Border.ZEROS);
            check(arena, team, conv, 2 * FRAMES + 1, HEIGHT, WIDTH, IN, HEIGHT, WIDTH);
        }
    }

    /** From 129 channels on tiles have six rows. */
    @Test
    void wideLayersToo() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            check(
                    arena,
                    team,
                    new WinogradConv(
                            arena,
                            TestFrames.flat(arena, TestFrames.random(1, OUT * WIDE * 27)),
                            OUT,
                            WIDE,
                            true,
                            Border.ZEROS),
                    WIDE,
                    2,
                    1);
        }
    }

    private static void check(Arena arena, Team team, Convolution conv, int past, int scale) {
        check(arena, team, conv, IN, past, scale);
    }

    private static void check(Arena arena, Team team, Convolution conv, int channels, int past, int scale) {
        check(arena, team, conv, past + FRAMES, HEIGHT, WIDTH, channels, scale * HEIGHT, scale * WIDTH);
    }

    private static void check(
            Arena arena,
            Team team,
            Convolution conv,
            int inFrames,
            int inHeight,
            int inWidth,
            int channels,
            int height,
            int width) {
        MemorySegment bias = TestFrames.padded(arena, TestFrames.random(4, OUT)),
                gamma = TestFrames.padded(arena, TestFrames.random(5, OUT));
        Frames in = TestFrames.of(
                arena,
                TestFrames.random(6, inFrames * inHeight * inWidth * channels),
                inFrames,
                inHeight,
                inWidth,
                channels);
        Frames residual =
                TestFrames.of(arena, TestFrames.random(7, FRAMES * height * width * OUT), FRAMES, height, width, OUT);
        Workspace workspace = new Workspace(
                arena, team.size(), conv.scratchBytes(height, width), Long.MAX_VALUE, conv.transformedBytes());
        Frames raw = TestFrames.empty(arena, FRAMES, height, width, OUT),
                activated = TestFrames.empty(arena, FRAMES, height, width, OUT);
        conv.run(team, workspace, in, new Epilogue(bias, residual, raw, gamma, true, activated));
        for (Window wanted : List.of(
                new Window(0, 0, 1, 1, height, width),
                new Window(5, 9, 7, 13, height, width),
                new Window(height - 3, 0, 3, width, height, width),
                new Window(8, width - 1, 4, 1, height, width),
                new Window(0, 12, height, 3, height, width))) {
            Window window = conv.computes(wanted);
            Frames piece = cut(arena, in, conv.reads(window)),
                    rawPiece = empty(arena, window.grown(3, 0)),
                    activatedPiece = empty(arena, window.grown(0, 5));
            conv.run(
                    team,
                    workspace,
                    piece,
                    new Epilogue(bias, residual, rawPiece, gamma, true, activatedPiece, window));
            assertEqual(raw, rawPiece, window);
            assertEqual(activated, activatedPiece, window);
        }
    }

    private static Frames empty(Arena arena, Window window) {
        return new Frames(
                TestFrames.empty(arena, FRAMES, window.height(), window.width(), OUT)
                        .frames(),
                window,
                OUT);
    }

    private static Frames cut(Arena arena, Frames whole, Window window) {
        MemorySegment[] pieces = TestFrames.empty(
                        arena, whole.count(), window.height(), window.width(), whole.channels())
                .frames();
        Frames cut = new Frames(pieces, window, whole.channels());
        for (int t = 0; t < pieces.length; t++)
            for (int y = window.y(); y < window.bottom(); y++)
                MemorySegment.copy(
                        whole.frames()[t],
                        whole.offset(y, window.x()),
                        pieces[t],
                        cut.offset(y, window.x()),
                        cut.rowBytes());
        return cut;
    }

    private static void assertEqual(Frames whole, Frames piece, Window window) {
        for (int t = 0; t < piece.count(); t++)
            for (int y = window.y(); y < window.bottom(); y++) {
                long bytes = 4L * window.width() * whole.stride();
                MemorySegment expected = whole.frames()[t].asSlice(whole.offset(y, window.x()), bytes);
                assertEquals(
                        -1,
                        expected.mismatch(piece.frames()[t].asSlice(piece.offset(y, window.x()), bytes)),
                        "frame " + t + ", row " + y + " of " + window);
            }
    }

    @Test
    void windowsThatWouldNotHaveThemAreRefused() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            WinogradConv conv = new WinogradConv(
                    arena, TestFrames.flat(arena, TestFrames.random(2, OUT * IN * 9)), OUT, IN, false, Border.ZEROS);
            Workspace workspace =
                    new Workspace(arena, 1, conv.scratchBytes(16, 16), Long.MAX_VALUE, conv.transformedBytes());
            MemorySegment bias = TestFrames.padded(arena, TestFrames.random(4, OUT));
            Frames out = TestFrames.empty(arena, 1, 16, 16, OUT), in = TestFrames.empty(arena, 1, 16, 16, IN);
            Frames few = cut(arena, in, new Window(0, 0, 16, 12, 16, 16));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(
                            team, workspace, in, Epilogue.plain(bias, out).within(new Window(0, 1, 16, 4, 16, 16))));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(
                            team, workspace, few, Epilogue.plain(bias, out).within(new Window(0, 0, 16, 12, 16, 16))));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Epilogue.plain(bias, few).within(out.window()));
        }
    }

    @Test
    void geometry() {
        Window w = new Window(5, 3, 6, 9, 20, 13);
        assertEquals(new Window(4, 0, 8, 12, 20, 13), w.tiled(4, 4));
        assertEquals(new Window(0, 0, 12, 12, 20, 13), w.tiled(6, 4));
        assertEquals(new Window(3, 0, 10, 13, 20, 13), w.grown(2, 3));
        assertEquals(new Window(2, 1, 4, 5, 10, 6), new Window(5, 3, 6, 9, 20, 12).halved());
        assertEquals(new Window(10, 6, 12, 18, 40, 26), w.doubled());
        assertThrows(IllegalArgumentException.class, () -> new Window(5, 3, 16, 9, 20, 13));
        assertThrows(IllegalArgumentException.class, () -> w.from(11));
    }
}
