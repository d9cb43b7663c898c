package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.runtime.Team;

/**
 * Convolution of any odd kernel size as an implicit matrix product: stride 1 in space, output as large as the input,
 * causal in time, with a step of one or more frames. It serves the layers that Winograd's algorithm does not: 1x1x1,
 * 3x1x1, few channels.
 *
 * <p>A worker takes one block of output rows through all steps while it is in cache. For each temporal tap it copies
 * the input rows into a strip with the border around them. In the strip the kw pixels that an output pixel sees lie
 * side by side, so a row of the kernel is one product with {@code K = kw * padded(C)} whose A rows overlap; the next
 * row of the kernel is the same product one strip row further. Products run through the whole strip, its borders
 * included; what they make of the borders is ignored. Every sum is taken in the order (dt, dy, dx, c), so results do
 * not depend on blocks or threads.
 */
public final class DirectConv implements Convolution {
    /**
     * Output pixels of a block, and the most of them in a row: enough that each weight read is used often, few enough
     * that strip and sums stay in a second-level cache.
     */
    private static final int PIXELS = 192, WIDEST = 96;

    private final int out, in, kt, kh, kw, stepT;
    private final Border border;
    /** Packed; null in a {@link #dry} convolution. */
    private final MemorySegment weights;

    private DirectConv(int out, int in, int kt, int kh, int kw, int stepT, Border border, Arena arena) {
        if (out < 1 || in < 1 || kt < 1 || stepT < 1 || kh % 2 != 1 || kw % 2 != 1)
            throw new IllegalArgumentException(
                    "no convolution " + in + " to " + out + " of " + kt + "x" + kh + "x" + kw);
        this.out = out;
        this.in = in;
        this.kt = kt;
        this.kh = kh;
        this.kw = kw;
        this.stepT = stepT;
        this.border = border;
        this.weights = arena == null ? null : arena.allocate(kt * kh * rowBytes(), 64);
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static DirectConv dry(int out, int in, int kt, int kh, int kw, int stepT, Border border) {
        return new DirectConv(out, in, kt, kh, kw, stepT, border, null);
    }

    /**
     * A 1x1 convolution that makes one frame of several. Its weights are those of the frames' channels side by side,
     * the oldest frame's first.
     *
     * @param weight {@code [out][frames·in]} floats in C order
     */
    public static DirectConv pooling(Arena arena, MemorySegment weight, int out, int in, int frames) {
        MemorySegment apart = MemorySegment.ofArray(new float[out * in * frames]);
        if (weight.byteSize() != apart.byteSize())
            throw new IllegalArgumentException("a convolution of " + frames + " frames of " + in + " channels to " + out
                    + " cannot have weights of " + weight.byteSize() + " bytes");
        for (int o = 0; o < out; o++)
            for (int t = 0; t < frames; t++)
                for (int i = 0; i < in; i++)
                    apart.setAtIndex(
                            ValueLayout.JAVA_FLOAT,
                            (long) (o * in + i) * frames + t,
                            weight.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) (o * frames + t) * in + i));
        return new DirectConv(arena, apart, out, in, frames, 1, 1, frames, Border.ZEROS);
    }

    /** A convolution with a step of one frame. */
    public DirectConv(Arena arena, MemorySegment weight, int out, int in, int kt, int kh, int kw, Border border) {
        this(arena, weight, out, in, kt, kh, kw, 1, border);
    }

    /**
     * Packs the weights.
     *
     * @param arena  owner of the packed weights (about {@code 4 * kt * kh * kw * padded(in) * out} bytes)
     * @param weight {@code [out][in][kt][kh][kw]} floats in C order; not needed afterwards
     * @param kh     odd, as kw: the kernel is centred in space
     * @param stepT  frames from what one output frame sees to what the next one sees
     */
    public DirectConv(
            Arena arena, MemorySegment weight, int out, int in, int kt, int kh, int kw, int stepT, Border border) {
        this(out, in, kt, kh, kw, stepT, border, arena);
        if (weight.byteSize() != 4L * out * in * kt * kh * kw)
            throw new IllegalArgumentException("a convolution " + in + " to " + out + " of " + kt + "x" + kh + "x" + kw
                    + " cannot have weights of " + weight.byteSize() + " bytes");
        // Weights are packed in arrays, because code that is not compiled yet accesses these much faster than segments.
        float[] values = weight.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED),
                packed = new float[(int) (weights.byteSize() / 4)];
        int padded = Simd.padded(in), rowLength = (int) (rowBytes() / 4);
        for (int o = 0, from = 0; o < out; o++) {
            int first = (int) (StridedGemm.offset(0, o, depth(), vectors()) / 4),
                    step = (int) (StridedGemm.offset(1, o, depth(), vectors()) / 4) - first;
            for (int i = 0; i < in; i++)
                for (int row = 0; row < kt * kh; row++)
                    for (int x = 0; x < kw; x++)
                        packed[row * rowLength + first + (x * padded + i) * step] = values[from++];
        }
        MemorySegment.copy(packed, 0, weights, ValueLayout.JAVA_FLOAT, 0, packed.length);
    }

    private int depth() {
        return kw * Simd.padded(in);
    }

    private int vectors() {
        return StridedGemm.vectors(out);
    }

    private long rowBytes() {
        return StridedGemm.bytes(depth(), vectors());
    }

    @Override
    public long operations() {
        return 2L * in * out * kt * kh * kw;
    }

    @Override
    public Window reads(Window computed) {
        return computed.grown(kh / 2, kw / 2);
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Blocks(Window.whole(height, width)).bytes();
    }

    /**
     * Convolves.
     *
     * @param in       all frames that T output frames see, {@code kt + (T - 1) * stepT} of {@code [H][W][in]}; with a
     *                 step of one frame these are kt - 1 past frames and T new ones. Null frames are zeros
     * @param epilogue where T frames of {@code [H][W][out]} go; must not overlap {@code in} unless the kernel is 1x1x1
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int frames = (in.count() - kt) / stepT + 1;
        if (in.channels() != this.in
                || result.channels() != out
                || norm != null && norm.channels() != this.in
                || in.count() < kt
                || (in.count() - kt) % stepT != 0
                || result.count() != frames)
            throw new IllegalArgumentException("a convolution " + this.in + " to " + out + " of " + kt + "x" + kh + "x"
                    + kw + " cannot take " + in.count()
                    + " frames of " + in.height() + "x" + in.width() + "x" + in.channels() + " to " + result.count()
                    + " of " + result.height() + "x"
                    + result.width() + "x" + result.channels());
        requireWindows(in, epilogue);
        Window window = epilogue.window();
        Blocks blocks = new Blocks(window);
        team.run(frames * blocks.count(), (task, worker) -> {
            int t = task / blocks.count(),
                    y = task % blocks.count() / blocks.across() * blocks.rows,
                    x = task % blocks.across() * blocks.columns;
            block(
                    blocks,
                    workspace.address(worker, blocks.bytes()),
                    in,
                    norm,
                    epilogue,
                    t,
                    window.y() + y,
                    window.x() + x);
        });
    }

    private void block(Blocks b, long scratch, Frames in, GroupNorm norm, Epilogue epilogue, int t, int y0, int x0) {
        Window window = epilogue.window();
        int height = Math.min(b.rows, window.bottom() - y0),
                width = Math.min(b.columns, window.right() - x0),
                across = width + kw - 1;
        long inPixel = 4L * in.stride(), outPixel = 4L * Simd.padded(out);
        int pixels = height * across - (kw - 1);
        long strip = scratch + b.sumBytes() + StridedGemm.TILE;
        Border.zero(scratch, StridedGemm.padded(pixels) * outPixel);
        for (int dt = 0; dt < kt; dt++) {
            int frame = t * stepT + dt;
            if (in.address(frame) == 0) continue;
            for (int r = 0; r < height + kh - 1; r++)
                fill(in, norm, in.address(frame), y0 - kh / 2 + r, x0 - kw / 2, across, strip + r * across * inPixel);
            for (int dy = 0; dy < kh; dy++)
                StridedGemm.multiply(
                        strip + dy * across * inPixel,
                        inPixel,
                        4,
                        pixels,
                        weights.address() + (dt * kh + dy) * rowBytes(),
                        depth(),
                        vectors(),
                        scratch,
                        outPixel,
                        strip - StridedGemm.TILE);
        }
        for (int y = 0; y < height; y++) epilogue.row(scratch + y * across * outPixel, t, y0 + y, x0, width);
    }

    /** Copies {@code count} pixels of row y, from column x on; some of them may lie outside the picture. */
    private void fill(Frames in, GroupNorm norm, long frame, int y, int x, int count, long target) {
        long pixel = 4L * in.stride();
        int pictureHeight = in.window().pictureHeight(),
                pictureWidth = in.window().pictureWidth();
        if (border == Border.ZEROS && (y < 0 || y >= pictureHeight)) {
            Border.zero(target, count * pixel);
            return;
        }
        long row = frame + in.offset(Math.clamp(y, 0, pictureHeight - 1), 0);
        int left = Math.min(count, Math.max(0, -x)), right = Math.max(left, Math.min(count, pictureWidth - x));
        if (norm == null) Border.copy(row + (x + left) * pixel, target + left * pixel, (right - left) * pixel);
        else norm.apply(row + (x + left) * pixel, target + left * pixel, right - left);
        border.sides(target, left, right - left, count - right, pixel);
    }

    /** The blocks of a window. */
    Sharing.Cut cut(Window window) {
        Blocks blocks = new Blocks(window);
        return new Sharing.Cut(blocks.rows, blocks.columns);
    }

    /** How a window is cut: blocks of {@code rows} by {@code columns} pixels. */
    private final class Blocks {
        final int height, width, rows, columns;

        Blocks(Window window) {
            height = window.height();
            width = window.width();
            int pieces = (width + WIDEST - 1) / WIDEST;
            columns = Math.min(
                    width,
                    (width + pieces * GroupMoments.PIECE - 1) / (pieces * GroupMoments.PIECE) * GroupMoments.PIECE);
            rows = Math.min(height, Math.max(1, PIXELS / (columns + kw - 1)));
        }

        int across() {
            return (width + columns - 1) / columns;
        }

        int count() {
            return across() * ((height + rows - 1) / rows);
        }

        long sumBytes() {
            return 4L * Simd.padded(out) * StridedGemm.padded(rows * (columns + kw - 1));
        }

        /** Bytes of scratch: the sums, a register tile, the strip and the pixels beyond it that whole tiles read. */
        long bytes() {
            return sumBytes()
                    + StridedGemm.TILE
                    + 4L * Simd.padded(in) * ((rows + kh - 1) * (columns + kw - 1) + StridedGemm.ROWS + kw);
        }
    }
}
