package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import wanvae.runtime.Team;

/**
 * An activation: frames of {@code [H][W][C]} float32 with channels padded to {@link Simd#padded}. Each frame has a
 * segment of its own, so a causal cache is a choice of frames, never a copy. Padding channels hold zeros. The memory
 * belongs to the code that allocated it.
 *
 * @param frames   one segment for each frame; null stands for a frame of zeros (the past before the first frame)
 * @param window   which part of their picture they hold
 * @param channels C
 */
public record Frames(MemorySegment[] frames, Window window, int channels) {
    public Frames {
        int height = window.height(), width = window.width();
        if (channels < 1)
            throw new IllegalArgumentException("empty activation " + height + "x" + width + "x" + channels);
        frames = frames.clone();
        for (MemorySegment f : frames)
            if (f != null && (!f.isNative() || f.byteSize() < bytes(height, width, channels)))
                throw new IllegalArgumentException("a frame of " + height + "x" + width + "x" + channels + " needs "
                        + bytes(height, width, channels) + " native bytes, not " + f.byteSize());
    }

    /** Whole pictures. */
    public Frames(MemorySegment[] frames, int height, int width, int channels) {
        this(frames, Window.whole(height, width), channels);
    }

    /** Bytes of a frame. */
    public static long bytes(int height, int width, int channels) {
        return 4L * height * width * Simd.padded(channels);
    }

    public int height() {
        return window.height();
    }

    public int width() {
        return window.width();
    }

    public int count() {
        return frames.length;
    }

    /** The padded number of channels: floats from one pixel to the next. */
    public int stride() {
        return Simd.padded(channels);
    }

    /** Bytes from one row to the next. */
    long rowBytes() {
        return 4L * width() * stride();
    }

    /** Bytes from the beginning of a frame to the pixel at row y, column x of the picture. */
    long offset(int y, int x) {
        return (y - window.y()) * rowBytes() + 4L * (x - window.x()) * stride();
    }

    /** Address of frame t, or 0 for a frame of zeros. */
    long address(int t) {
        return frames[t] == null ? 0 : frames[t].address();
    }

    /** Copies a window of every frame of the source into the frame of the same number. */
    public void copy(Team team, Frames source, Window pixels) {
        if (!window.contains(pixels)
                || !source.window.contains(pixels)
                || source.channels != channels
                || source.count() != count())
            throw new IllegalArgumentException(pixels + " cannot be copied from " + source.window + " to " + window);
        long bytes = 4L * pixels.width() * stride();
        team.run(count() * pixels.height(), (row, worker) -> {
            int t = row / pixels.height(), y = pixels.y() + row % pixels.height();
            MemorySegment.copy(source.frames[t], source.offset(y, pixels.x()), frames[t], offset(y, pixels.x()), bytes);
        });
    }

    /** Frames {@code from} (inclusive) to {@code to} (exclusive). */
    public Frames slice(int from, int to) {
        return new Frames(Arrays.copyOfRange(frames, from, to), window, channels);
    }
}
