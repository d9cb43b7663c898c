package wanvae.model;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/**
 * The norm at a block's input. The block before applies it, while the pixels that it has computed are still in cache.
 *
 * @param keepsRaw whether the block also reads its input without the norm, for a residual sum
 * @param gamma    weight of the RMS norm, or null where there is no norm
 * @param silu     whether SiLU follows the norm
 * @param causal   whether a causal convolution reads the normalised frames, the last of which then enter the {@link
 *                 FeatureCache}
 */
public record FusedNorm(boolean keepsRaw, MemorySegment gamma, boolean silu, boolean causal) {
    /** No norm: the next block reads the values themselves. */
    public static final FusedNorm NONE = new FusedNorm(true, null, false, false);

    /** Allocates an activation for a block with this norm. {@code reuse}, if not null, becomes its raw frames. */
    public Activation allocate(CausalContext context, Frames reuse, int count, Window window, int channels) {
        Frames raw = !keepsRaw ? null : reuse != null ? reuse : context.frames(count, window, channels);
        Frames normalised = gamma == null
                ? null
                : causal ? context.causalFrames(count, window, channels) : context.frames(count, window, channels);
        return new Activation(raw, normalised);
    }

    /** The epilogue of the convolution that computes {@code window} of {@code target}. */
    public Epilogue epilogue(MemorySegment bias, Frames residual, Activation target, Window window) {
        return new Epilogue(bias, residual, target.raw(), gamma, silu, target.normalised(), window);
    }
}
