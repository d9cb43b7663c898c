package wanvae.decode;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSink;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.tensorfile.FormatException;

/** One way to decode latents of one shape: what it takes, and how it runs. */
public sealed interface Decoding permits PlainDecoding, PiecewiseDecoding, TiledDecoding, FramewiseDecoding {
    /**
     * Chooses a way.
     *
     * @param tiles     how to tile pictures larger than a tile; null decodes every picture whole
     * @param directory where temporary files go
     * @param limit     bytes that {@link #bytes} should not exceed; if every way does, the smallest one is returned
     * @param modest    whether much less is to be taken where the rest would gain little
     */
    static Decoding plan(
            StreamingDecoder decoder,
            LatentShape shape,
            TilePlan tiles,
            Path directory,
            int threads,
            long limit,
            boolean modest) {
        if (tiles == null || !tiles.applies()) return WithinMemory.choose(decoder, shape, directory, threads, limit);
        return TiledDecoding.choose(decoder, shape, tiles, directory, threads, limit, modest);
    }

    /**
     * As the other one: tiles change this decoder's result, so no limit chooses any.
     *
     * @param tileFrames       frames of a tile in time, a multiple of the temporal factor
     * @param tileStrideFrames frames from a tile to the next
     */
    static Decoding plan(
            ClipDecoder decoder,
            LatentShape shape,
            TilePlan tiles,
            int tileFrames,
            int tileStrideFrames,
            Path directory,
            int threads,
            long limit) {
        TimePlan time = new TimePlan(
                shape.frames(), tileFrames, tileStrideFrames, decoder.config().temporalScale());
        FramewiseDecoding decoding = FramewiseDecoding.plan(decoder, shape, time, tiles, 4, directory);
        return decoding.bytes(threads) > limit ? decoding.keepingFew() : decoding;
    }

    /** What the arithmetic needs. */
    MemoryNeeds needs();

    /** Bytes of transformed weights that stay with the decoder's layers. */
    default long keptBytes() {
        return needs().kept();
    }

    /** Clips that go through the network at a time. */
    default int lanes() {
        return 1;
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
     * The same for a VAE that has more to decode: an undivided decode keeps all transformed weights for that, if they
     * are not too many.
     */
    default Decoding keepingAll() {
        return this;
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
