package wanvae.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import wanvae.kernel.Attention;
import wanvae.kernel.Border;
import wanvae.kernel.Convolution;
import wanvae.kernel.DirectConv;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Simd;
import wanvae.kernel.TemporalConv;
import wanvae.kernel.WinogradConv;
import wanvae.kernel.Workspace;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;

/**
 * Each kernel at the shapes Wan 2.1 runs it at, on one thread. A kernel is named {@code KIND IN>OUT
 * FRAMESxHEIGHTxWIDTH}, the size being its result's; {@link Kind} tells the kinds. The last three run in the epilogue
 * of the convolutions and are measured here without one.
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.SECONDS)
public class KernelBench {
    private enum Kind {
        /**
         * 3x3x3, with RMS norm and SiLU behind it; with one frame, its past is zeros and its weights are transformed
         * for each run, as in the first chunk.
         */
        CONV(27),
        /** Nearest 2x enlargement and 3x3. */
        UP(9),
        /** 3x1x1, half of the doubled channels: what one of the two frames takes. */
        TIME(3),
        /** 1x1x1: shortcuts and the attention's projections. */
        POINTWISE(1),
        /** One head over the pixels of each frame; operations are those of scores and mean. */
        ATTENTION(0),
        /** Sum of bias, result and residual. */
        RESIDUAL(0),
        /** Bias and RMS norm. */
        NORM(0),
        /** Bias, RMS norm and SiLU. */
        SILU(0);

        final int taps;

        Kind(int taps) {
            this.taps = taps;
        }

        boolean isEpilogue() {
            return this == RESIDUAL || this == NORM || this == SILU;
        }
    }

    private static final Pattern NAME = Pattern.compile("(\\w+) (\\d+)>(\\d+) (\\d+)x(\\d+)x(\\d+)");

    private static final List<String> QUICK = List.of(
            "conv 96>96 4x240x416",
            "conv 192>192 4x120x208",
            "conv 384>384 4x60x104",
            "up 192>96 4x240x416",
            "attention 384>384 1x32x32",
            "silu 96>96 4x240x416");
    private static final List<String> ALL = List.of(
            "conv 96>96 4x480x832",
            "conv 96>96 1x480x832",
            "conv 192>192 4x240x416",
            "conv 192>192 1x240x416",
            "conv 192>384 4x120x208",
            "conv 384>384 4x120x208",
            "conv 384>384 2x120x208",
            "conv 384>384 1x120x208",
            "conv 384>384 4x60x104",
            "conv 384>384 4x32x32",
            "conv 384>384 1x60x104",
            "conv 16>384 4x60x104",
            "conv 96>3 4x480x832",
            "up 192>96 4x480x832",
            "up 384>192 4x240x416",
            "up 384>192 4x120x208",
            "time 384>384 4x120x208",
            "time 384>384 4x60x104",
            "pointwise 192>384 4x120x208",
            "attention 384>384 1x32x32",
            "attention 384>384 1x60x104",
            "attention 384>384 1x90x160",
            "residual 96>96 4x480x832",
            "norm 96>96 4x480x832",
            "silu 96>96 4x480x832");

    /** The names to run. */
    static List<String> kernels(boolean quick) {
        return quick ? QUICK : ALL;
    }

    /**
     * Operations by direct convolution (a multiply-add is two; norms, activations and sums count for nothing), and
     * bytes of inputs, weights and outputs, each once.
     */
    static double[] cost(String name) {
        Shape s = Shape.parse(name);
        double pixels = (double) s.height * s.width, outputs = s.frames * pixels * s.out;
        double inputs = (double) (s.frames + s.pastFrames()) * s.inHeight() * s.inWidth() * s.in;
        double weights = (double) s.kind.taps * s.in * s.out;
        if (s.kind.isEpilogue()) return new double[] {0, 4 * outputs * (s.kind == Kind.RESIDUAL ? 2 : 1)};
        double operations = s.kind == Kind.ATTENTION ? 4 * pixels * outputs : 2 * outputs * s.in * s.kind.taps;
        return new double[] {operations, 4 * ((s.kind == Kind.ATTENTION ? 3 : 1) * inputs + weights + outputs)};
    }

    private record Shape(Kind kind, int in, int out, int frames, int height, int width) {
        static Shape parse(String name) {
            Matcher m = NAME.matcher(name);
            if (!m.matches()) throw new IllegalArgumentException("no kernel " + name);
            return new Shape(
                    Kind.valueOf(m.group(1).toUpperCase()),
                    number(m, 2),
                    number(m, 3),
                    number(m, 4),
                    number(m, 5),
                    number(m, 6));
        }

        private static int number(Matcher m, int group) {
            return Integer.parseInt(m.group(group));
        }

        int pastFrames() {
            return kind == Kind.CONV || kind == Kind.TIME ? 2 : 0;
        }

        int inHeight() {
            return kind == Kind.UP ? height / 2 : height;
        }

        int inWidth() {
            return kind == Kind.UP ? width / 2 : width;
        }
    }

    @Param({})
    String kernel;

    private final SplittableRandom random = new SplittableRandom(1);
    private Arena arena;
    private Team team;
    private Runnable run;

    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        team = new Team(1, () -> false);
        Shape s = Shape.parse(kernel);
        Frames out = frames(0, s.frames, s.height, s.width, s.out);
        run = s.kind == Kind.ATTENTION
                ? attention(s, out)
                : s.kind.isEpilogue() ? epilogue(s, out) : convolution(s, out);
    }

    private Runnable epilogue(Shape s, Frames out) {
        MemorySegment bias = floats(s.out, 0.1f), gamma = floats(s.out, 1f);
        return new EpilogueAlone(
                arena,
                s.kind == Kind.RESIDUAL
                        ? new Epilogue(bias, frames(0, s.frames, s.height, s.width, s.out), out, null, false, null)
                        : new Epilogue(bias, null, null, gamma, s.kind == Kind.SILU, out));
    }

    private Runnable convolution(Shape s, Frames out) {
        MemorySegment weight = floats((long) s.kind.taps * s.in * s.out, (float) Math.sqrt(3.0 / s.kind.taps / s.in));
        Convolution conv = switch (s.kind) {
            case CONV -> new WinogradConv(arena, weight, s.out, s.in, true, Border.ZEROS);
            case UP -> new WinogradConv(arena, weight, s.out, s.in, false, true, Border.ZEROS);
            default ->
                s.kind.taps == 3
                        ? new TemporalConv(arena, weight, s.out, s.in)
                        : new DirectConv(arena, weight, s.out, s.in, 1, 1, 1, Border.ZEROS);
        };
        Frames in =
                frames(s.frames == 1 ? s.pastFrames() : 0, s.frames + s.pastFrames(), s.inHeight(), s.inWidth(), s.in);
        Workspace workspace =
                new Workspace(arena, 1, conv.scratchBytes(s.height, s.width), Long.MAX_VALUE, conv.transformedBytes());
        MemorySegment bias = floats(Simd.padded(s.out), 0.1f);
        Epilogue epilogue = s.kind == Kind.CONV
                ? new Epilogue(bias, null, null, floats(Simd.padded(s.out), 1f), true, out)
                : Epilogue.plain(bias, out);
        return () -> conv.run(team, workspace, in, epilogue);
    }

    private Runnable attention(Shape s, Frames out) {
        Frames q = frames(0, s.frames, s.height, s.width, s.in), k = frames(0, s.frames, s.height, s.width, s.in);
        Frames v = frames(0, s.frames, s.height, s.width, s.in);
        Workspace workspace = new Workspace(arena, 1, Attention.scratchBytes(s.in));
        return () -> {
            for (int t = 0; t < s.frames; t++) Attention.run(team, workspace, q, k, v, out, t, t, t + 1);
        };
    }

    @Benchmark
    public void run() {
        run.run();
    }

    @TearDown
    public void free() {
        team.close();
        arena.close();
    }

    /** Frames of which the first {@code zeros} are null. */
    private Frames frames(int zeros, int count, int height, int width, int channels) {
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = zeros; i < count; i++) frames[i] = floats(Frames.bytes(height, width, channels) / 4, 1f);
        return new Frames(frames, height, width, channels);
    }

    /** Uniform in (-scale, scale), padding channels too: weights beyond the channels are zeros. */
    private MemorySegment floats(long n, float scale) {
        MemorySegment values = LargeMemory.allocate(arena, 4 * n);
        for (long i = 0; i < n; i++)
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, scale * (2 * random.nextInt(1 << 20) * 0x1p-20f - 1));
        return values;
    }
}
