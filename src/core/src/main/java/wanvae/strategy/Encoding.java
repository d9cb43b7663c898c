package wanvae.strategy;

import java.io.IOException;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentShape;

/** One way to encode videos of one shape. */
public sealed interface Encoding extends Strategy permits PlainEncoding, PiecewiseEncoding, TiledEncoding {
    /** Takes what the encoder gives for each latent frame. */
    @FunctionalInterface
    interface Consumer {
        /** @param values {@code [H][W][C]}: moments, or latents of an encoder that gives these */
        void accept(int member, int frame, float[] values) throws IOException;
    }

    /**
     * Encodes every member in turn.
     *
     * @throws wanvae.tensorfile.FormatException if a pixel is not finite, unless allowed, or frames are of another size
     *         or fewer than the source announced
     * @throws IOException if there is no space for a temporary file, or what the source or the consumer threw
     */
    void run(FrameSource source, Consumer consumer, EncodeRun run) throws IOException;

    /**
     * Floating-point operations of one way through the network by direct convolution.
     *
     * @param pictures height and width in patches
     */
    static double operations(VaeConfig config, LatentShape pictures) {
        return VaeFamily.of(config).encodeOperations(config, pictures).all();
    }
}
