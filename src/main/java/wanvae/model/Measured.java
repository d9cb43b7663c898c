package wanvae.model;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;

/** An activation with what the next group norm needs to know of it (null where no norm follows). Its memory is the pass's. */
record Measured(Frames frames, GroupMoments moments) {
    static Measured allocate(Pass pass, int count, int height, int width, int channels, int groups) {
        return new Measured(pass.frames(count, height, width, channels), pass.moments(count, height, width, channels, groups));
    }

    /** The epilogue that makes this, of a convolution's sums. */
    Epilogue gathering(MemorySegment bias, Frames residual) {
        return Epilogue.gathering(bias, residual, frames, moments);
    }

    void release(Pass pass) {
        pass.release(frames);
        pass.release(moments);
    }
}
