package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import wanvae.kernel.Attention;
import wanvae.kernel.Convolution;
import wanvae.kernel.DupUp3D;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Team;
import wanvae.kernel.Workspace;

/**
 * One member's way through the decoder: the threads, the memory and the causal feature cache (the past frames of every causal convolution).
 * A rehearsal goes the same way without arithmetic and without memory, to learn what a decode takes.
 */
final class Pass {
    final Team team;
    final Workspace workspace;
    private final FramePool pool;
    private final boolean rehearsal;
    private final LongConsumer worked;
    private final Map<Convolution, MemorySegment[]> past = new IdentityHashMap<>();
    private final Map<Convolution, Boolean> met = new IdentityHashMap<>();
    private long scratch, keptAlways, keptGladly, largestTransformed;

    private Pass(Team team, Workspace workspace, FramePool pool, boolean rehearsal, LongConsumer worked) {
        this.team = team;
        this.workspace = workspace;
        this.pool = pool;
        this.rehearsal = rehearsal;
        this.worked = worked;
    }

    /** @param worked told of operations done, for progress */
    static Pass decoding(Team team, Workspace workspace, FramePool pool, LongConsumer worked) {
        return new Pass(team, workspace, pool, false, worked);
    }

    static Pass rehearsal(FramePool pool, LongConsumer worked) {
        return new Pass(null, null, pool, true, worked);
    }

    boolean isRehearsal() {
        return rehearsal;
    }

    /** Scratch that a worker needed at most so far (rehearsals only). */
    long scratch() {
        return scratch;
    }

    void needScratch(long bytes) {
        scratch = Math.max(scratch, bytes);
    }

    Frames frames(int count, int height, int width, int channels) {
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++) frames[i] = pool.acquire(Frames.bytes(height, width, channels));
        return new Frames(frames, height, width, channels);
    }

    void release(Frames frames) {
        if (frames != null) for (MemorySegment f : frames.frames()) pool.release(f);
    }

    void run(Convolution convolution, Frames in, Epilogue epilogue) {
        Frames out = epilogue.raw() != null ? epilogue.raw() : epilogue.activated();
        if (rehearsal) rehearse(convolution, out);
        else convolution.run(team, workspace, in, epilogue);
        worked.accept((long) out.count() * out.height() * out.width() * convolution.operations());
    }

    private void rehearse(Convolution convolution, Frames out) {
        needScratch(convolution.scratchBytes(out.height(), out.width()));
        if (met.put(convolution, true) != null) return;
        largestTransformed = Math.max(largestTransformed, convolution.transformedBytes());
        if (convolution.alwaysKept()) keptAlways += convolution.transformedBytes();
        else keptGladly += convolution.transformedBytes();
    }

    /** Transformed weights that layers keep anyway, bytes (rehearsals only, as the next two). */
    long keptAlways() {
        return keptAlways;
    }

    /** Transformed weights that the other layers keep where they may, bytes. */
    long keptGladly() {
        return keptGladly;
    }

    /** The largest transformed weights of one layer, bytes. */
    long largestTransformed() {
        return largestTransformed;
    }

    /** Runs a causal convolution behind its two past frames. Takes {@code x} over: its last two frames become the past, the others are released. */
    void runCausal(Convolution convolution, Frames x, Epilogue epilogue) {
        Frames in = withPast(convolution, x);
        run(convolution, in, epilogue);
        keepPast(convolution, in);
    }

    /** Two causal convolutions of the same input, with one past. */
    void runCausalPair(Convolution one, Epilogue oneEpilogue, Convolution other, Epilogue otherEpilogue, Frames x) {
        Frames in = withPast(one, x);
        run(one, in, oneEpilogue);
        run(other, in, otherEpilogue);
        keepPast(one, in);
    }

    private Frames withPast(Convolution convolution, Frames x) {
        MemorySegment[] all = Arrays.copyOf(past.getOrDefault(convolution, new MemorySegment[2]), 2 + x.count());
        System.arraycopy(x.frames(), 0, all, 2, x.count());
        return new Frames(all, x.height(), x.width(), x.channels());
    }

    private void keepPast(Convolution convolution, Frames in) {
        MemorySegment[] all = in.frames();
        int kept = all.length - 2;
        for (int i = 0; i < kept; i++) pool.release(all[i]);
        past.put(convolution, new MemorySegment[] {all[kept], all[kept + 1]});
    }

    void attention(Frames q, Frames k, Frames v, Frames out) {
        if (rehearsal) needScratch(Attention.scratchBytes(q.channels()));
        else for (int t = 0; t < q.count(); t++) Attention.run(team, workspace, q, k, v, out, t, t, t + 1);
        double tokens = (double) q.height() * q.width();
        worked.accept((long) (4 * tokens * tokens * q.channels() * q.count()));
    }

    void dupUp(Frames in, int first, int factorT, Frames out) {
        if (!rehearsal) DupUp3D.run(team, in, first, factorT, out, out.window());
    }

    /** Gives the feature cache back. */
    void end() {
        for (MemorySegment[] frames : past.values()) for (MemorySegment f : frames) pool.release(f);
        past.clear();
    }
}
