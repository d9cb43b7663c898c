package wanvae.model.wan;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.Feature;
import wanvae.model.Pass;

/**
 * How the consumer of an activation wants it: as it is, or normalised (then with SiLU or without), or both. The
 * producer does it while the pixels are in cache.
 *
 * @param raw    as it is, for a residual sum
 * @param gamma  weight of the consumer's RMS norm, or null
 * @param causal whether a causal convolution takes the normalised frames, so that the last ones become its past
 */
public record Wanted(boolean raw, MemorySegment gamma, boolean silu, boolean causal) {
    static final Wanted RAW = new Wanted(true, null, false, false);

    /** Frames for a result of this window; {@code reuse}, if not null, becomes the raw output in place. */
    public Feature allocate(Pass pass, Frames reuse, int count, Window window, int channels) {
        Frames asItIs = !raw ? null : reuse != null ? reuse : pass.frames(count, window, channels);
        return new Feature(
                asItIs,
                gamma == null
                        ? null
                        : causal ? pass.causalFrames(count, window, channels) : pass.frames(count, window, channels));
    }

    public Epilogue epilogue(MemorySegment bias, Frames residual, Feature target, Window window) {
        return new Epilogue(bias, residual, target.raw(), gamma, silu, target.activated(), window);
    }
}
