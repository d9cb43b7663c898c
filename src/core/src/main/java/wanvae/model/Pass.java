package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import wanvae.kernel.Attention;
import wanvae.kernel.Convolution;
import wanvae.kernel.DupUp3D;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.kernel.GroupNorm;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.runtime.Team;

/**
 * One member's way through the decoder: the threads, the memory and the causal feature cache (the past frames of every
 * causal convolution). A rehearsal goes the same way without arithmetic and without memory, to learn what a decode
 * takes.
 */
public final class Pass {
    public final Team team;
    public final Workspace workspace;
    private final FramePool pool;
    private final boolean rehearsal;
    private final LongConsumer worked;
    /** The past of every causal convolution in every layout. */
    private final Map<Layout, Map<Convolution, MemorySegment[]>> past = new HashMap<>();
    /** What the band above has computed of rows that this one needs too. */
    private final Map<Convolution, Feature> shared = new IdentityHashMap<>();

    private Layout layout;
    private boolean remembers = true;
    private final Map<Convolution, Long> transformed = new IdentityHashMap<>();
    private long scratch;

    private Pass(Team team, Workspace workspace, FramePool pool, boolean rehearsal, LongConsumer worked) {
        this.team = team;
        this.workspace = workspace;
        this.pool = pool;
        this.rehearsal = rehearsal;
        this.worked = worked;
    }

    /** @param worked told of operations done, for progress */
    public static Pass decoding(Team team, Workspace workspace, FramePool pool, LongConsumer worked) {
        return new Pass(team, workspace, pool, false, worked);
    }

    public static Pass rehearsal(FramePool pool, LongConsumer worked) {
        return new Pass(null, null, pool, true, worked);
    }

    public boolean isRehearsal() {
        return rehearsal;
    }

    /** Scratch that a worker needed at most so far (rehearsals only). */
    public long scratch() {
        return scratch;
    }

    public void needScratch(long bytes) {
        scratch = Math.max(scratch, bytes);
    }

    /** From now on convolutions compute what the layout says; null: whole pictures. */
    public void enter(Layout layout) {
        this.layout = layout;
    }

    /** No frames will follow, so no past is kept. */
    public void forget() {
        remembers = false;
    }

    /** What a convolution computes; {@code otherwise} where it is not in the layout. */
    public Layout.Piece piece(Convolution convolution, Window otherwise) {
        Layout.Piece piece = layout == null ? null : layout.piece(convolution);
        return piece != null ? piece : new Layout.Piece(otherwise, otherwise);
    }

    public Frames frames(int count, int height, int width, int channels) {
        return frames(count, Window.whole(height, width), channels);
    }

    public Frames frames(int count, Window window, int channels) {
        return frames(count, window, channels, 0);
    }

    /** Frames for a causal convolution, of which the last ones become its past. */
    public Frames causalFrames(int count, Window window, int channels) {
        return frames(count, window, channels, remembers ? 2 : 0);
    }

    private long bytes(Window window, int channels) {
        return layout == null
                ? Frames.bytes(window.height(), window.width(), channels)
                : layout.bytes(window, channels);
    }

    private Frames frames(int count, Window window, int channels, int lasting) {
        long bytes = bytes(window, channels);
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++)
            frames[i] = count - i <= lasting
                    ? pool.acquireLasting(bytes)
                    : pool.acquire(bytes, layout != null && layout.brief());
        return new Frames(frames, window, channels);
    }

    public void release(Frames frames) {
        if (frames != null) for (MemorySegment f : frames.frames()) pool.release(f);
    }

    /**
     * Runs a convolution for the epilogue's window; what the band above has computed of the outputs is copied into
     * them.
     */
    public void run(Convolution convolution, Frames in, Epilogue epilogue) {
        Window window = epilogue.window();
        Feature known = shared.remove(convolution);
        if (known != null) {
            copy(epilogue.raw(), known.raw(), window(known));
            copy(epilogue.activated(), known.activated(), window(known));
            release(known.raw());
            release(known.activated());
        }
        convolve(convolution, in, null, epilogue);
        Window kept = layout == null ? null : layout.shared(convolution);
        if (kept != null)
            shared.put(convolution, new Feature(cut(epilogue.raw(), kept), cut(epilogue.activated(), kept)));
        worked.accept((long) epilogue.out().count() * window.height() * window.width() * convolution.operations());
    }

    private static Window window(Feature feature) {
        return (feature.raw() != null ? feature.raw() : feature.activated()).window();
    }

    /** Copies pixels, if there is a target. */
    public void copy(Frames target, Frames source, Window pixels) {
        if (target != null && !rehearsal) target.copy(team, source, pixels);
    }

    /** A copy of some pixels; null of null. */
    public Frames cut(Frames source, Window pixels) {
        if (source == null) return null;
        MemorySegment[] frames = new MemorySegment[source.count()];
        for (int i = 0; i < frames.length; i++)
            frames[i] = pool.acquire(Frames.bytes(pixels.height(), pixels.width(), source.channels()), false);
        Frames cut = new Frames(frames, pixels, source.channels());
        copy(cut, source, pixels);
        return cut;
    }

    /** Runs a convolution of frames that are normalised while they are read. */
    public void run(
            Convolution convolution,
            Frames in,
            GroupNormWeights norm,
            GroupMoments moments,
            boolean silu,
            Epilogue epilogue) {
        MemorySegment affine = pool.acquire(GroupNorm.bytes(in.channels()), false);
        GroupNorm applied = rehearsal
                ? null
                : new GroupNorm(moments, norm.weight(), norm.bias(), GroupNormWeights.EPSILON, silu, affine);
        convolve(convolution, in, applied, epilogue);
        pool.release(affine);
        worked.accept((long) epilogue.out().count()
                * epilogue.out().height()
                * epilogue.out().width()
                * convolution.operations());
    }

    /** Room for the moments of so many frames. */
    public GroupMoments moments(int count, int height, int width, int channels, int groups) {
        MemorySegment[] room = new MemorySegment[count];
        for (int i = 0; i < room.length; i++) room[i] = pool.acquire(GroupMoments.bytes(height, width, groups), false);
        return new GroupMoments(room, height, width, channels, groups);
    }

    public void release(GroupMoments moments) {
        if (moments != null) for (MemorySegment f : moments.frames()) pool.release(f);
    }

    private void convolve(Convolution convolution, Frames in, GroupNorm norm, Epilogue epilogue) {
        // Weights made for this run lie among the frames: they are largest where the frames are smallest.
        long bytes = convolution.transformedBytes(in);
        MemorySegment weights = bytes == 0 ? null : pool.acquire(bytes, true);
        if (rehearsal) rehearse(convolution, epilogue.window());
        else convolution.run(team, weights == null ? workspace : workspace.with(weights), in, norm, epilogue);
        pool.release(weights);
    }

    private void rehearse(Convolution convolution, Window window) {
        needScratch(convolution.scratchBytes(window.height(), window.width()));
        transformed.put(convolution, convolution.transformedBytes());
    }

    /** Bytes of each layer's transformed weights (rehearsals only). */
    public List<Long> transformed() {
        return List.copyOf(transformed.values());
    }

    /**
     * Runs a causal convolution behind its two past frames. Takes {@code x} over: its last two frames become the past,
     * the others are released.
     */
    public void runCausal(Convolution convolution, Frames x, Epilogue epilogue) {
        Frames in = withPast(convolution, x);
        run(convolution, in, epilogue);
        keepPast(convolution, in);
    }

    /**
     * Sums the parts of a causal convolution ({@link TimeTaps}). Takes them over: the last two frames become its past,
     * the others are released.
     */
    public void sumCausal(Convolution convolution, Frames parts, MemorySegment bias, Frames out) {
        Frames all = withPast(convolution, parts);
        if (!rehearsal) TimeTaps.sum(team, all, bias, out);
        keepPast(convolution, all);
    }

    /** Two causal convolutions of the same input, with one past: copies of x, which stays the caller's. */
    public void runCausalPair(
            Convolution one, Epilogue oneEpilogue, Convolution other, Epilogue otherEpilogue, Frames x) {
        Frames in = withPast(one, x);
        run(one, in, oneEpilogue);
        run(other, in, otherEpilogue);
        if (!remembers) return;
        MemorySegment[] all = in.frames(), last = new MemorySegment[2];
        for (int i = 0; i < 2; i++) {
            boolean old = all.length - 2 + i < 2;
            last[i] = old ? all[all.length - 2 + i] : pool.acquireLasting(bytes(x.window(), x.channels()));
            if (!old && !rehearsal)
                last[i].copyFrom(all[all.length - 2 + i].asSlice(0, Frames.bytes(x.height(), x.width(), x.channels())));
        }
        for (int i = 0; i < 2; i++) if (all[i] != last[0]) pool.release(all[i]);
        past().put(one, last);
    }

    private Map<Convolution, MemorySegment[]> past() {
        return past.computeIfAbsent(layout, l -> new IdentityHashMap<>());
    }

    private Frames withPast(Convolution convolution, Frames x) {
        MemorySegment[] all = Arrays.copyOf(past().getOrDefault(convolution, new MemorySegment[2]), 2 + x.count());
        System.arraycopy(x.frames(), 0, all, 2, x.count());
        return new Frames(all, x.window(), x.channels());
    }

    private void keepPast(Convolution convolution, Frames in) {
        MemorySegment[] all = in.frames();
        int kept = remembers ? all.length - 2 : all.length;
        for (int i = 0; i < kept; i++) pool.release(all[i]);
        if (remembers) past().put(convolution, new MemorySegment[] {all[kept], all[kept + 1]});
    }

    public void attention(Frames q, Frames k, Frames v, Frames out) {
        if (rehearsal) needScratch(Attention.scratchBytes(q.channels()));
        else for (int t = 0; t < q.count(); t++) Attention.run(team, workspace, q, k, v, out, t, t, t + 1);
        double tokens = (double) q.height() * q.width();
        worked.accept((long) (4 * tokens * tokens * q.channels() * q.count()));
    }

    /** Attention of the pixels of every frame to those of it and of all before. */
    public void causalAttention(Frames q, Frames k, Frames v, Frames out) {
        if (rehearsal) needScratch(Attention.scratchBytes(q.channels()));
        else for (int t = 0; t < q.count(); t++) Attention.run(team, workspace, q, k, v, out, t, 0, t + 1);
        double tokens = (double) q.count() * q.height() * q.width();
        worked.accept((long) (4 * tokens * tokens * q.channels()));
    }

    public void dupUp(Frames in, int first, int factorT, Frames out, Window window) {
        if (!rehearsal) DupUp3D.run(team, in, first, factorT, out, window);
    }

    /** Gives the feature cache back. */
    public void end() {
        for (Map<Convolution, MemorySegment[]> layer : past.values())
            for (MemorySegment[] frames : layer.values()) for (MemorySegment f : frames) pool.release(f);
        past.clear();
    }
}
