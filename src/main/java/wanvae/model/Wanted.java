package wanvae.model;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;

/**
 * How the consumer of an activation wants it: as it is, or normalised (then with SiLU or without), or both. The producer does it while the
 * pixels are in cache.
 *
 * @param raw   as it is, for a residual sum
 * @param gamma weight of the consumer's RMS norm, or null
 */
record Wanted(boolean raw, MemorySegment gamma, boolean silu) {
    static final Wanted RAW = new Wanted(true, null, false);

    /** Frames for a result of this size; {@code reuse}, if not null, becomes the raw output in place. */
    Feature allocate(Pass pass, Frames reuse, int count, int height, int width, int channels) {
        Frames asItIs = !raw ? null : reuse != null ? reuse : pass.frames(count, height, width, channels);
        return new Feature(asItIs, gamma == null ? null : pass.frames(count, height, width, channels));
    }

    Epilogue epilogue(MemorySegment bias, Frames residual, Feature target) {
        return new Epilogue(bias, residual, target.raw(), gamma, silu, target.activated());
    }
}
