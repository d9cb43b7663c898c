package wanvae.model.hunyuan;

import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;

/**
 * An activation with the moments of its groups of channels, which the next group norm needs.
 *
 * @param moments null where no norm follows
 */
record ActivationWithMoments(Frames frames, GroupMoments moments) {
    static ActivationWithMoments allocate(
            ForwardContext context, int count, int height, int width, int channels, int groups) {
        return new ActivationWithMoments(
                context.frames(count, height, width, channels),
                context.moments(count, height, width, channels, groups));
    }

    /** The epilogue that makes this activation from a layer's sums, adding {@code residual} unless it is null. */
    Epilogue from(ConvLayer layer, Frames residual) {
        return Epilogue.gathering(layer.bias(), residual, frames, moments);
    }

    void release(ForwardContext context) {
        context.release(frames);
        context.release(moments);
    }
}
