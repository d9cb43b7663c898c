package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/**
 * A causal 3x3x3 convolution to few channels, split by its taps in time. One 3x3 convolution computes from every frame
 * what it adds to its own output, to the next one and to the one after ({@code [H][W][3·out]}, the oldest tap first);
 * then three frames of such parts are summed. The past consists of frames of parts, many times smaller than those of
 * the input. Because channels are padded, nine take no more multiplications than three: 36 products for each frame
 * instead of the 54 of F(4,3) in time.
 */
public final class TimeTaps {
    private TimeTaps() {}

    /**
     * The 3x3 convolution that makes the parts.
     *
     * @param arena  owner of the weights
     * @param weight {@code [out][in][3][3][3]} floats in C order; not needed afterwards
     */
    public static Convolution parts(Arena arena, MemorySegment weight, int out, int in) {
        long tap = 4 * 9;
        if (weight.byteSize() != 3 * tap * out * in)
            throw new IllegalArgumentException("a convolution " + in + " to " + out
                    + " of 3x3x3 cannot have weights of " + weight.byteSize() + " bytes");
        MemorySegment apart = arena.allocate(weight.byteSize(), 64);
        for (int o = 0; o < out; o++)
            for (int i = 0; i < in; i++)
                for (int t = 0; t < 3; t++)
                    MemorySegment.copy(
                            weight,
                            ((long) (o * in + i) * 3 + t) * tap,
                            apart,
                            ((long) (t * out + o) * in + i) * tap,
                            tap);
        return WinogradConv.parts(arena, apart, 3 * out, in);
    }

    /** As {@link #parts}, without weights: it tells what a run takes, but cannot run. */
    public static Convolution dryParts(int out, int in) {
        return WinogradConv.dryParts(3 * out, in);
    }

    /**
     * Sums parts into the convolution's output.
     *
     * @param parts two past frames (null: zeros) and T new ones of {@code [H][W][3·out]}
     * @param bias  padded(out) floats
     * @param out   T frames of {@code [H][W][out]}, of the same window
     */
    public static void sum(Team team, Frames parts, MemorySegment bias, Frames out) {
        int channels = out.channels(), width = out.width();
        if (parts.channels() != 3 * channels
                || parts.count() != out.count() + 2
                || !parts.window().equals(out.window())
                || bias.byteSize() < 4L * out.stride())
            throw new IllegalArgumentException("parts of " + parts.window() + " cannot be summed to " + out.window());
        team.run(out.count() * out.height(), (row, worker) -> {
            int t = row / out.height(), y = row % out.height();
            long target = out.address(t) + y * out.rowBytes(), from = y * parts.rowBytes();
            for (int x = 0; x < width; x++, target += 4L * out.stride(), from += 4L * parts.stride())
                for (int c = 0; c < out.stride(); c++) {
                    float sum = Simd.get(bias.address() + 4L * c);
                    for (int tap = 2; tap >= 0 && c < channels; tap--)
                        if (parts.address(t + tap) != 0)
                            sum += Simd.get(parts.address(t + tap) + from + 4L * (tap * channels + c));
                    Simd.set(target + 4L * c, sum);
                }
        });
    }
}
