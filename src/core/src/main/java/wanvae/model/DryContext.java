package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import wanvae.kernel.Attention;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.kernel.GroupNorm;
import wanvae.kernel.Window;

/**
 * Counts what a live context would take for the same calls. It computes nothing, touches no memory, and neither reads
 * from sources nor delivers to sinks.
 */
public final class DryContext implements ForwardContext {
    /** Is told of the operations that take the time of a live run. */
    public interface Observer {
        void convolution(Convolution kernel, Frames in, Epilogue epilogue);

        /** Attention within each frame, or of all frames to those before them. */
        void attention(Frames q, boolean causal);
    }

    private static final Observer NONE = new Observer() {
        @Override
        public void convolution(Convolution kernel, Frames in, Epilogue epilogue) {}

        @Override
        public void attention(Frames q, boolean causal) {}
    };

    private final FramePool pool;
    private final Observer observer;
    private final Map<Convolution, Long> transformed = new IdentityHashMap<>();
    private long scratch, operations;

    /** A context whose pool is as large as it needs to be. */
    public DryContext() {
        this(NONE);
    }

    /** As the other constructor, but tells an observer what it counts. */
    public DryContext(Observer observer) {
        this(FramePool.dry(), observer);
    }

    /** @param pool its memory is not touched */
    public DryContext(FramePool pool) {
        this(pool, NONE);
    }

    private DryContext(FramePool pool, Observer observer) {
        this.pool = pool;
        this.observer = observer;
    }

    @Override
    public FramePool pool() {
        return pool;
    }

    /** Scratch that each worker needs, bytes. */
    public long scratchBytes() {
        return scratch;
    }

    /** Bytes of the transformed weights of each layer that ran. */
    public List<Long> transformedBytes() {
        return List.copyOf(transformed.values());
    }

    /** Operations that a live context would report. */
    public long operations() {
        return operations;
    }

    @Override
    public void run(ConvLayer layer, Frames in, Epilogue epilogue) {
        Convolution kernel = layer.kernel();
        Window window = epilogue.window();
        MemorySegment weights = pool.acquireTransformed(kernel, in);
        scratch = Math.max(scratch, kernel.scratchBytes(window.height(), window.width()));
        transformed.put(kernel, kernel.transformedBytes());
        pool.release(weights);
        operations += kernel.operations(epilogue);
        observer.convolution(kernel, in, epilogue);
    }

    @Override
    public void run(
            ConvLayer layer, Frames in, GroupNormWeights norm, GroupMoments moments, boolean silu, Epilogue epilogue) {
        MemorySegment affine = pool.acquire(GroupNorm.bytes(in.channels()), false);
        run(layer, in, epilogue);
        pool.release(affine);
    }

    @Override
    public void attention(Frames q, Frames k, Frames v, Frames out) {
        scratch = Math.max(scratch, Attention.scratchBytes(q.channels()));
        operations += Attention.operations(q, false);
        observer.attention(q, false);
    }

    @Override
    public void causalAttention(Frames q, Frames k, Frames v, Frames out) {
        scratch = Math.max(scratch, Attention.scratchBytes(q.channels()));
        operations += Attention.operations(q, true);
        observer.attention(q, true);
    }

    @Override
    public void sumTimeTaps(Frames parts, MemorySegment bias, Frames out) {}

    @Override
    public void dupUp(Frames in, int first, int factorT, Frames out, Window window) {}

    @Override
    public void softClamp(Frames frames) {}

    @Override
    public void pixelShuffle(Frames in, int factor, Frames out) {}

    @Override
    public void avgDown(Frames in, int factorT, int factorS, boolean adds, Frames out, Window window) {}

    @Override
    public void normalise(Frames in, MemorySegment gamma, boolean silu, Frames out) {}

    @Override
    public void copy(Frames target, Frames source, Window pixels) {}

    @Override
    public int available(StageSource source, int first, int most) {
        return most;
    }

    @Override
    public void read(StageSource source, int first, StageOutput target) {}

    @Override
    public void deliver(StageSink sink, int first, StageOutput output) {}
}
