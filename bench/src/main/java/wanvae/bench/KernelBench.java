package wanvae.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Team;
import wanvae.kernel.WinogradConv;
import wanvae.kernel.Workspace;

/**
 * Each kernel at the shapes Wan 2.1 runs it at, on one thread. A kernel is named {@code KIND IN>OUT FRAMESxHEIGHTxWIDTH} (of its result):
 * {@code conv} 3x3x3 with RMS norm and SiLU behind it, {@code up} nearest 2x and 3x3.
 */
@State(Scope.Benchmark)
@OutputTimeUnit(java.util.concurrent.TimeUnit.SECONDS)
public class KernelBench {
    private static final Pattern NAME = Pattern.compile("(\\w+) (\\d+)>(\\d+) (\\d+)x(\\d+)x(\\d+)");

    private static final List<String> QUICK = List.of("conv 96>96 4x240x416", "conv 192>192 4x120x208", "conv 384>384 4x60x104");
    private static final List<String> ALL = List.of("conv 96>96 4x480x832", "conv 96>96 1x480x832", "conv 192>192 4x240x416",
            "conv 192>192 1x240x416", "conv 192>384 4x120x208", "conv 384>384 4x120x208", "conv 384>384 2x120x208", "conv 384>384 4x60x104",
            "conv 384>384 1x60x104", "up 192>96 4x480x832", "up 384>192 4x240x416", "up 384>192 4x120x208");

    static String[] kernels(boolean quick) {
        return (quick ? QUICK : ALL).toArray(String[]::new);
    }

    /** Shape of a named kernel. */
    private record Shape(String kind, int in, int out, int frames, int height, int width) {
        static Shape parse(String name) {
            Matcher m = NAME.matcher(name);
            if (!m.matches()) throw new IllegalArgumentException("no kernel " + name);
            return new Shape(m.group(1), number(m, 2), number(m, 3), number(m, 4), number(m, 5), number(m, 6));
        }

        private static int number(Matcher m, int group) {
            return Integer.parseInt(m.group(group));
        }

        boolean upsample() {
            return kind.equals("up");
        }

        int taps() {
            return upsample() ? 9 : 27;
        }

        int pastFrames() {
            return upsample() ? 0 : 2;
        }

        /** Input pixels of a frame. */
        long inPixels() {
            return (long) height * width / (upsample() ? 4 : 1);
        }
    }

    /** Operations by direct convolution, and bytes of inputs, weights and outputs. */
    static double[] cost(String name) {
        Shape s = Shape.parse(name);
        double outputs = (double) s.frames * s.height * s.width * s.out;
        double inputs = (double) (s.frames + s.pastFrames()) * s.inPixels() * s.in, weights = (double) s.taps() * s.in * s.out;
        return new double[] {2 * outputs * s.in * s.taps(), 4 * (inputs + weights + outputs)};
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
        MemorySegment weight = floats((long) s.taps() * s.in * s.out, (float) Math.sqrt(3.0 / s.taps() / s.in));
        WinogradConv conv = new WinogradConv(arena, weight, s.out, s.in, !s.upsample(), s.upsample());
        int scale = s.upsample() ? 2 : 1;
        Frames in = frames(s.frames + s.pastFrames(), s.height / scale, s.width / scale, s.in);
        Frames out = frames(s.frames, s.height, s.width, s.out);
        Workspace workspace = new Workspace(arena, 1, conv.scratchBytes(s.height, s.width), true, conv.transformedBytes());
        Epilogue epilogue = s.upsample() ? Epilogue.plain(floats(s.out, 0.1f), out)
                : new Epilogue(floats(s.out, 0.1f), null, null, floats(s.out, 1f), true, out);
        run = () -> conv.run(team, workspace, in, epilogue);
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

    private Frames frames(int count, int height, int width, int channels) {
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++) frames[i] = floats(Frames.bytes(height, width, channels) / 4, 1f);
        return new Frames(frames, height, width, channels);
    }

    /** Uniform in (-scale, scale); every channel count of the model is a whole number of channel blocks, so nothing is padding. */
    private MemorySegment floats(long n, float scale) {
        MemorySegment values = arena.allocate(4 * n, 4096);
        for (long i = 0; i < n; i++) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, scale * (2 * random.nextInt(1 << 20) * 0x1p-20f - 1));
        return values;
    }
}
