package wanvae.strategy;

import java.io.IOException;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSink;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;

/** One way to decode latents of one shape. */
public sealed interface Decoding extends Strategy
        permits PlainDecoding, PiecewiseDecoding, TiledDecoding, FramewiseDecoding {
    /**
     * Decodes every member in turn into the sink.
     *
     * @throws FormatException if a result is not finite, unless allowed
     * @throws IOException if there is no space for the temporary file, or what the sink threw
     */
    void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException;

    /** Floating-point operations of one way through the network by direct convolution. */
    static double operations(VaeConfig config, LatentShape clip) {
        return VaeFamily.of(config).operations(config, clip).all();
    }

    /** The refusal of a result. */
    static FormatException nonfinite(int members, int member, int frame, long row, long column) {
        return new FormatException("The decoded video is not finite: first at frame " + frame + ", row " + row
                + ", column " + column + (members > 1 ? " of member " + member : "") + ".");
    }
}
