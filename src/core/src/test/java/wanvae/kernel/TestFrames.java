package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Seeded data and the way between plain arrays {@code [T][H][W][C]} and padded off-heap frames. */
final class TestFrames {
    private TestFrames() {}

    static float[] random(long seed, int count) {
        SplittableRandom r = new SplittableRandom(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) x[i] = (float) r.nextGaussian();
        return x;
    }

    static float[] scaled(float[] x, double factor) {
        float[] y = x.clone();
        for (int i = 0; i < y.length; i++) y[i] *= (float) factor;
        return y;
    }

    static Frames empty(Arena arena, int t, int h, int w, int c) {
        MemorySegment[] frames = new MemorySegment[t];
        for (int i = 0; i < t; i++) {
            frames[i] = arena.allocate(Frames.bytes(h, w, c), 64);
            frames[i].fill((byte) 0x7f);
        }
        return new Frames(frames, h, w, c);
    }

    static Frames of(Arena arena, float[] x, int t, int h, int w, int c) {
        Frames f = empty(arena, t, h, w, c);
        for (int i = 0; i < t; i++) {
            f.frames()[i].fill((byte) 0);
            for (int p = 0; p < h * w; p++)
                for (int q = 0; q < c; q++)
                    f.frames()[i].setAtIndex(
                            ValueLayout.JAVA_FLOAT, (long) p * f.stride() + q, x[(i * h * w + p) * c + q]);
        }
        return f;
    }

    /** Room for the moments of such frames. */
    static GroupMoments moments(Arena arena, Frames f, int groups) {
        MemorySegment[] room = new MemorySegment[f.count()];
        for (int i = 0; i < room.length; i++)
            room[i] = arena.allocate(GroupMoments.bytes(f.height(), f.width(), groups), 64);
        return new GroupMoments(room, f.height(), f.width(), f.channels(), groups);
    }

    static float[] read(Frames f) {
        int h = f.height(), w = f.width(), c = f.channels();
        float[] x = new float[f.count() * h * w * c];
        for (int i = 0; i < f.count(); i++)
            for (int p = 0; p < h * w; p++)
                for (int q = 0; q < c; q++)
                    x[(i * h * w + p) * c + q] =
                            f.frames()[i].getAtIndex(ValueLayout.JAVA_FLOAT, (long) p * f.stride() + q);
        return x;
    }

    static MemorySegment padded(Arena arena, float[] x) {
        MemorySegment s = arena.allocate(4L * Simd.padded(x.length), 64);
        for (int i = 0; i < x.length; i++) s.setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
        return s;
    }

    static MemorySegment flat(Arena arena, float[] x) {
        MemorySegment s = arena.allocate(4L * x.length, 64);
        MemorySegment.copy(x, 0, s, ValueLayout.JAVA_FLOAT, 0, x.length);
        return s;
    }
}
