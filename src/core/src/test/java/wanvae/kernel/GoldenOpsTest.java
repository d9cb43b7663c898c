package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.runtime.Team;
import wanvae.tensorfile.TensorFile;

/** Kernels against the outputs of diffusers' own operations, which are tensors {@code [B][C][T][H][W]}. */
@Tag("arithmetic")
class GoldenOpsTest {
    private final Arena arena = Arena.ofShared();
    private final Team team = new Team(2, () -> false);
    private TensorFile file;

    private void open(String name) throws IOException {
        try {
            file = TensorFile.open(Path.of(GoldenOpsTest.class
                    .getResource("/wanvae/golden/unit_ops/" + name + ".safetensors")
                    .toURI()));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        team.close();
        arena.close();
    }

    private int[] shape(String name) throws IOException {
        return Arrays.stream(file.require(name).shape())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    private MemorySegment flat(String name) throws IOException {
        MemorySegment s = arena.allocate(4 * file.require(name).elements(), 64);
        file.read(name, s);
        return s;
    }

    private MemorySegment vector(String name) throws IOException {
        return TestFrames.padded(arena, flat(name).toArray(ValueLayout.JAVA_FLOAT));
    }

    /** Member b of a tensor {@code [B][C][T][H][W]} (T, H and W may be missing) as {@code [T][H][W][C]}. */
    private float[] channelsLast(String name, int b) throws IOException {
        int[] s = shape(name);
        int c = s[1], pixels = Arrays.stream(s, 2, s.length).reduce(1, (x, y) -> x * y);
        float[] source = flat(name).toArray(ValueLayout.JAVA_FLOAT), y = new float[c * pixels];
        for (int i = 0; i < y.length; i++) y[i] = source[(b * c + i % c) * pixels + i / c];
        return y;
    }

    private Frames frames(String name) throws IOException {
        int[] s = shape(name);
        return TestFrames.of(arena, channelsLast(name, 0), s[2], s[3], s[4], s[1]);
    }

    /** Frames behind {@code past} others, the last of which come from {@code cache}; zeros where that is too short. */
    private static Frames behind(Frames cache, Frames x, int past) {
        MemorySegment[] all = new MemorySegment[past + x.count()];
        if (cache != null) System.arraycopy(cache.frames(), 0, all, past - cache.count(), cache.count());
        System.arraycopy(x.frames(), 0, all, past, x.count());
        return new Frames(all, x.height(), x.width(), x.channels());
    }

    private Frames empty(Frames like, int channels) {
        return TestFrames.empty(arena, like.count(), like.height(), like.width(), channels);
    }

    private DirectConv conv(String name, Border border) throws IOException {
        int[] s = shape(name);
        int k = s.length;
        return new DirectConv(
                arena, flat(name), s[0], s[1], k == 5 ? s[2] : 1, k < 4 ? 1 : s[k - 2], k < 4 ? 1 : s[k - 1], border);
    }

    private void run(DirectConv conv, Frames in, Epilogue epilogue) {
        conv.run(team, new Workspace(arena, 2, conv.scratchBytes(in.height(), in.width())), in, epilogue);
    }

    /** The norm as the epilogue applies it to sums. */
    private Frames normed(Frames x, String gamma, boolean silu) throws IOException {
        Frames y = empty(x, x.channels());
        Epilogue epilogue = new Epilogue(arena.allocate(4L * x.stride(), 64), null, null, vector(gamma), silu, y);
        for (int t = 0; t < x.count(); t++) {
            MemorySegment sums = arena.allocate(x.frames()[t].byteSize(), 64).copyFrom(x.frames()[t]);
            epilogue.row(sums.address(), t, 0, 0, x.height() * x.width());
        }
        return y;
    }

    private void check(String expected, Frames actual) throws IOException {
        Closeness.of(channelsLast(expected, 0), TestFrames.read(actual)).within(1e-5, 2e-6, expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"causal_conv3d_3x1x1", "causal_conv3d_3x3x3"})
    void causalConvolution(String name) throws IOException {
        open(name);
        for (String cache : new String[] {"nocache", "cache1", "cache2"}) {
            Frames x = behind(cache.equals("nocache") ? null : frames(cache), frames("x"), 2),
                    y = empty(frames("x"), shape("w.weight")[0]);
            run(conv("w.weight", Border.ZEROS), x, Epilogue.plain(vector("w.bias"), y));
            check("y_" + cache, y);
        }
        if (name.equals("causal_conv3d_3x3x3")) {
            WinogradConv winograd = new WinogradConv(arena, flat("w.weight"), 20, 6, true, Border.ZEROS);
            Frames x = behind(frames("cache2"), frames("x"), 2), y = empty(frames("x"), 20);
            Workspace workspace = new Workspace(
                    arena,
                    2,
                    winograd.scratchBytes(x.height(), x.width()),
                    Long.MAX_VALUE,
                    winograd.transformedBytes());
            winograd.run(team, workspace, x, Epilogue.plain(vector("w.bias"), y));
            Closeness.of(channelsLast("y_cache2", 0), TestFrames.read(y)).within(3e-5, 5e-6, "Winograd");
        }
    }

    @Test
    void pointwiseConvolution() throws IOException {
        open("causal_conv3d_1x1x1");
        Frames y = empty(frames("x"), shape("w.weight")[0]);
        run(conv("w.weight", Border.ZEROS), frames("x"), Epilogue.plain(vector("w.bias"), y));
        check("y", y);
    }

    @Test
    void replicatingConvolution() throws IOException {
        open("hunyuan_causal_conv3d_3x3x3");
        Frames x = frames("x"), y = empty(x, shape("w.conv.weight")[0]);
        MemorySegment first = x.frames()[0];
        Frames past = new Frames(new MemorySegment[] {first, first}, x.height(), x.width(), x.channels());
        run(conv("w.conv.weight", Border.REPLICATE), behind(past, x, 2), Epilogue.plain(vector("w.conv.bias"), y));
        check("y", y);
        WinogradConv winograd =
                new WinogradConv(arena, flat("w.conv.weight"), y.channels(), x.channels(), true, Border.REPLICATE);
        Workspace workspace = new Workspace(
                arena, 2, winograd.scratchBytes(x.height(), x.width()), Long.MAX_VALUE, winograd.transformedBytes());
        winograd.run(team, workspace, behind(past, x, 2), Epilogue.plain(vector("w.conv.bias"), y));
        Closeness.of(channelsLast("y", 0), TestFrames.read(y)).within(3e-5, 5e-6, "Winograd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rms_norm_4d", "rms_norm_5d"})
    void rmsNorm(String name) throws IOException {
        open(name);
        int[] s = shape("x");
        for (int b = 0; b < s[0]; b++) {
            float[] x = channelsLast("x", b);
            int pixels = x.length / s[1];
            Frames y = normed(TestFrames.of(arena, x, 1, 1, pixels, s[1]), "w.gamma", false);
            Closeness.of(channelsLast("y", b), TestFrames.read(y)).within(1e-6, 2e-7, name);
        }
    }

    @Test
    void silu() throws IOException {
        open("silu");
        MemorySegment x = vector("x");
        float[] expected = flat("y").toArray(ValueLayout.JAVA_FLOAT);
        for (long i = 0; i < x.byteSize(); i += 4L * Simd.LANES)
            Simd.store(Silu.of(Simd.load(x.address() + i)), x.address() + i);
        for (int i = 0; i < expected.length; i++)
            assertEquals(
                    expected[i], x.getAtIndex(ValueLayout.JAVA_FLOAT, i), 2e-7f * Math.max(1, Math.abs(expected[i])));
    }

    @Test
    void attentionBlock() throws IOException {
        open("attention_block");
        Frames x = frames("x"),
                normed = normed(x, "w.norm.gamma", false),
                mixed = empty(x, x.channels()),
                y = empty(x, x.channels());
        int c = x.channels();
        Frames[] qkv = new Frames[3];
        MemorySegment weight = flat("w.to_qkv.weight"), bias = flat("w.to_qkv.bias");
        for (int i = 0; i < 3; i++) {
            DirectConv conv =
                    new DirectConv(arena, weight.asSlice(4L * c * c * i, 4L * c * c), c, c, 1, 1, 1, Border.ZEROS);
            float[] part = bias.asSlice(4L * c * i, 4L * c).toArray(ValueLayout.JAVA_FLOAT);
            run(conv, normed, Epilogue.plain(TestFrames.padded(arena, part), qkv[i] = empty(x, c)));
        }
        Workspace workspace = new Workspace(arena, 2, Attention.scratchBytes(c));
        for (int t = 0; t < x.count(); t++) Attention.run(team, workspace, qkv[0], qkv[1], qkv[2], mixed, t, t, t + 1);
        run(conv("w.proj.weight", Border.ZEROS), mixed, new Epilogue(vector("w.proj.bias"), x, y, null, false, null));
        check("y", y);
    }

    @Test
    void residualBlock() throws IOException {
        open("residual_block_shortcut");
        DirectConv conv1 = conv("w.conv1.weight", Border.ZEROS), conv2 = conv("w.conv2.weight", Border.ZEROS);
        for (int chunk = 0; chunk < 3; chunk++) {
            Frames x = frames("x" + chunk),
                    normed = normed(x, "w.norm1.gamma", true),
                    shortcut = empty(x, 20),
                    hidden = empty(x, 20),
                    y = empty(x, 20);
            run(
                    conv("w.conv_shortcut.weight", Border.ZEROS),
                    x,
                    Epilogue.plain(vector("w.conv_shortcut.bias"), shortcut));
            // The cache after a chunk is its end: conv1's and conv2's past is that after the chunk before.
            Frames past1 = chunk == 0 ? null : frames("cache" + (chunk - 1) + "_0"),
                    past2 = chunk == 0 ? null : frames("cache" + (chunk - 1) + "_1");
            run(
                    conv1,
                    behind(past1, normed, 2),
                    new Epilogue(vector("w.conv1.bias"), null, null, vector("w.norm2.gamma"), true, hidden));
            run(conv2, behind(past2, hidden, 2), new Epilogue(vector("w.conv2.bias"), shortcut, y, null, false, null));
            check("y" + chunk, y);
        }
    }

    private Frames downsampled(String name) throws IOException {
        Frames x = frames(name), y = TestFrames.empty(arena, x.count(), x.height() / 2, x.width() / 2, x.channels());
        int c = x.channels();
        Stride2Conv conv = new Stride2Conv(arena, flat("w.resample.1.weight"), c, c, Stride2Conv.Padding.BEHIND);
        Workspace workspace = new Workspace(
                arena, 2, conv.scratchBytes(y.height(), y.width()), Long.MAX_VALUE, conv.transformedBytes());
        conv.run(team, workspace, x, Epilogue.plain(vector("w.resample.1.bias"), y));
        return y;
    }

    @Test
    void downsampling() throws IOException {
        open("downsample2d");
        for (int chunk = 0; chunk < 3; chunk++) check("y" + chunk, downsampled("x" + chunk));
    }

    /** The first chunk's frame is not convolved in time, only remembered. */
    @Test
    void downsamplingInTime() throws IOException {
        open("downsample3d");
        int[] s = shape("w.time_conv.weight");
        DirectConv conv = new DirectConv(arena, flat("w.time_conv.weight"), s[0], s[1], s[2], 1, 1, 2, Border.ZEROS);
        Frames past = null;
        for (int chunk = 0; chunk < 3; chunk++) {
            Frames x = downsampled("x" + chunk), y = x;
            if (past != null) {
                y = TestFrames.empty(arena, x.count() / 2, x.height(), x.width(), x.channels());
                run(conv, behind(past, x, 1), Epilogue.plain(vector("w.time_conv.bias"), y));
            }
            check("y" + chunk, y);
            past = x.slice(x.count() - 1, x.count());
            check("cache" + chunk, past);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"in12_out12_t1_s1", "in4_out8_t2_s2", "in6_out12_t1_s2", "in8_out8_t1_s2", "in8_out8_t2_s2"})
    void downsamplingShortcut(String name) throws IOException {
        open("avgdown3d_" + name);
        int factorT = name.charAt(name.indexOf("_t") + 2) - '0', factorS = name.charAt(name.indexOf("_s") + 2) - '0';
        for (String chunk : new String[] {"1", "4"})
            for (int b = 0; b < 2; b++) {
                int[] s = shape("x" + chunk), r = shape("y" + chunk);
                Frames x = TestFrames.of(arena, channelsLast("x" + chunk, b), s[2], s[3], s[4], s[1]),
                        y = TestFrames.empty(arena, r[2], r[3], r[4], r[1]);
                AvgDown3D.run(team, x, factorT, factorS, false, y, y.window());
                Closeness.of(channelsLast("y" + chunk, b), TestFrames.read(y)).within(1e-6, 1e-7, name);
            }
    }

    @Test
    void patchify() throws IOException {
        open("patchify2");
        int[] s = shape("x");
        for (int b = 0; b < s[0]; b++) {
            float[] x = channelsLast("x", b);
            int picture = x.length / s[2];
            Frames y = TestFrames.empty(arena, s[2], s[3] / 2, s[4] / 2, 4 * s[1]);
            for (int t = 0; t < s[2]; t++) {
                MemorySegment pixels = TestFrames.flat(arena, Arrays.copyOfRange(x, t * picture, (t + 1) * picture));
                Patchify.picture(team, pixels, 2, PatchOrder.COLUMNS_FIRST, 1, 0, y, t);
                MemorySegment back = arena.allocate(pixels.byteSize(), 64);
                assertEquals(-1, Unpatchify.picture(team, y, t, 3, 2, PatchOrder.COLUMNS_FIRST, 1, 0, false, back));
                assertEquals(-1, pixels.mismatch(back));
            }
            assertArrayEquals(channelsLast("y", b), TestFrames.read(y));
        }
    }

    private void normalise(Frames x, int groups, String name, Frames y) throws IOException {
        GroupMoments moments = TestFrames.moments(arena, x, groups);
        for (int t = 0; t < x.count(); t++)
            for (int row = 0; row < x.height(); row++)
                moments.row(x.address(t) + row * x.rowBytes(), t, row, 0, x.width());
        GroupNorm norm = new GroupNorm(
                moments,
                vector(name + ".weight"),
                vector(name + ".bias"),
                1e-6f,
                false,
                arena.allocate(GroupNorm.bytes(x.channels()), 64));
        for (int t = 0; t < x.count(); t++) norm.apply(x.address(t), y.address(t), x.height() * x.width());
    }

    /** Tokens of 3 frames of 5 pixels; each frame sees itself and those before it. */
    @Test
    void causalAttentionBehindGroupNorm() throws IOException {
        open("hunyuan_attention_tokens_t3_hw5");
        int c = 24, groups = 4;
        float[] tokens = flat("x").toArray(ValueLayout.JAVA_FLOAT),
                expected = flat("y").toArray(ValueLayout.JAVA_FLOAT);
        for (int b = 0; b < 2; b++) {
            Frames x = TestFrames.of(arena, Arrays.copyOfRange(tokens, b * 15 * c, (b + 1) * 15 * c), 3, 1, 5, c),
                    normed = empty(x, c),
                    mixed = empty(x, c),
                    y = empty(x, c);
            normalise(x, groups, "w.group_norm", normed);
            Frames[] qkv = new Frames[3];
            for (int i = 0; i < 3; i++) {
                String to = "w.to_" + "qkv".charAt(i);
                run(
                        conv(to + ".weight", Border.ZEROS),
                        normed,
                        Epilogue.plain(vector(to + ".bias"), qkv[i] = empty(x, c)));
            }
            Workspace workspace = new Workspace(arena, 2, Attention.scratchBytes(c));
            for (int t = 0; t < 3; t++) Attention.run(team, workspace, qkv[0], qkv[1], qkv[2], mixed, t, 0, t + 1);
            run(
                    conv("w.to_out.0.weight", Border.ZEROS),
                    mixed,
                    new Epilogue(vector("w.to_out.0.bias"), x, y, null, false, null));
            Closeness.of(Arrays.copyOfRange(expected, b * 15 * c, (b + 1) * 15 * c), TestFrames.read(y))
                    .within(5e-6, 1e-6, "member " + b);
        }
    }

    /**
     * FACTS: the reference itself is 8e-6 off for a mean sixty times the deviation, 3e-5 for a group of equal values.
     */
    @Test
    void groupNorm() throws IOException {
        open("hunyuan_group_norm");
        for (String kind : new String[] {"", "_offset", "_small", "_constant_group", "_pixel"}) {
            int[] s = shape("x" + kind);
            for (int b = 0; b < s[0]; b++) {
                Frames f = TestFrames.of(arena, channelsLast("x" + kind, b), s[2], s[3], s[4], s[1]);
                normalise(f, 2, "w", f);
                float[] expected = channelsLast("y" + kind, b), actual = TestFrames.read(f);
                float allowed = kind.equals("_constant_group") ? 1e-4f : kind.equals("_offset") ? 1.2e-5f : 2e-6f;
                for (int i = 0; i < expected.length; i++) assertEquals(expected[i], actual[i], allowed, "y" + kind);
            }
        }
    }
}
