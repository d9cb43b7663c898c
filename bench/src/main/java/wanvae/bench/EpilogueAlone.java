package wanvae.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;

/**
 * The epilogue of a convolution without the convolution: norm and SiLU have no entry of their own, they run on rows of
 * sums that have just been computed.
 */
public final class EpilogueAlone implements Runnable {
    private final Epilogue epilogue;
    private final long sums;

    /** @param arena owner of a row of sums */
    public EpilogueAlone(Arena arena, Epilogue epilogue) {
        this.epilogue = epilogue;
        Frames out = epilogue.out();
        MemorySegment row = arena.allocate(Frames.bytes(1, out.width(), out.channels()), 4096);
        for (long i = 0; i < row.byteSize(); i += 4) row.set(ValueLayout.JAVA_FLOAT, i, 1f + (i & 63));
        sums = row.address();
    }

    /** Finishes all rows of all frames, from the same sums in cache. */
    @Override
    public void run() {
        Frames out = epilogue.out();
        for (int t = 0; t < out.count(); t++)
            for (int y = 0; y < out.height(); y++) epilogue.row(sums, t, y, 0, out.width());
    }
}
