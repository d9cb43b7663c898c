package wanvae.model.hunyuan;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import wanvae.kernel.Frames;

/** Sequences of frames that repeat some of them, without copies. */
final class RepeatedFrames {
    private RepeatedFrames() {}

    /** The input of a causal convolution: two copies of the first frame, which stand for its past, then all frames. */
    static Frames behindFirst(Frames x) {
        MemorySegment[] all = new MemorySegment[2 + x.count()];
        Arrays.fill(all, 0, 2, x.frames()[0]);
        System.arraycopy(x.frames(), 0, all, 2, x.count());
        return new Frames(all, x.height(), x.width(), x.channels());
    }

    /** Nearest doubling in time of all frames but the first: {@code f0, f1, f1, f2, f2, …} */
    static Frames doubled(Frames x) {
        MemorySegment[] all = new MemorySegment[2 * x.count() - 1];
        for (int i = 0; i < all.length; i++) all[i] = x.frames()[(i + 1) / 2];
        return new Frames(all, x.height(), x.width(), x.channels());
    }
}
