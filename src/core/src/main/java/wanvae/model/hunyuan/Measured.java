package wanvae.model.hunyuan;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.model.Pass;

/**
 * An activation with what the next group norm needs to know of it (null where no norm follows). Its memory is the
 * pass's.
 */
public record Measured(Frames frames, GroupMoments moments) {
    public static Measured allocate(Pass pass, int count, int height, int width, int channels, int groups) {
        return new Measured(
                pass.frames(count, height, width, channels), pass.moments(count, height, width, channels, groups));
    }

    /** The epilogue that makes this, of a convolution's sums. */
    public Epilogue gathering(MemorySegment bias, Frames residual) {
        return Epilogue.gathering(bias, residual, frames, moments);
    }

    public void release(Pass pass) {
        pass.release(frames);
        pass.release(moments);
    }
}
