package wanvae.strategy;

import java.io.IOException;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSink;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;

/** One way to decode latents of one shape: what it takes, and how it runs. */
public sealed interface Decoding permits PlainDecoding, PiecewiseDecoding, TiledDecoding, FramewiseDecoding {
    /** What the arithmetic needs. */
    MemoryNeeds needs();

    /** Bytes of transformed weights that stay with the decoder's layers. */
    default long keptBytes() {
        return needs().keptBytes();
    }

    /** Clips that go through the network at a time. */
    default int lanes() {
        return 1;
    }

    /** Bytes of activations and feature caches. */
    default long frameBytes() {
        return lanes() * needs().frameBytes();
    }

    /** Memory of the run on this many threads, bytes, without the weights and the latents. */
    long bytes(int threads);

    /** Temporary disk space, bytes. */
    long disk();

    /** Floating-point operations by direct convolution, those of overlaps included. */
    double operations();

    /** In which order the decode goes, in words. */
    String order();

    /** Whether whole pictures go through the network at once, so that memory of earlier decodes can be used again. */
    default boolean isUndivided() {
        return false;
    }

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
