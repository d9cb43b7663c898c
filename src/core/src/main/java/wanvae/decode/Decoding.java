package wanvae.decode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;
import wanvae.frame.FrameSink;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.hunyuan.HunyuanDecoder;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.KeptMemory;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;

/** A decode of latents of one shape, rehearsed so that its memory is known, then run member by member. */
public sealed interface Decoding permits PlainDecoding, PiecewiseDecoding, TiledDecoding, FramewiseDecoding {
    /**
     * Rehearses.
     *
     * @param tiles     how to tile pictures larger than a tile; null decodes every picture whole
     * @param directory where temporary files go
     * @param limit     bytes that {@link #bytes} should not exceed; where every plan does, the smallest one is returned
     * @param modest    whether much less is to be taken where the rest would gain little
     */
    static Decoding plan(
            WanDecoder decoder,
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
     * As the other one, by HunyuanVideo's decoder: tiles change its result, so no limit chooses any.
     *
     * @param tileFrames       frames of a tile in time, a multiple of the temporal factor
     * @param tileStrideFrames frames from a tile to the next
     */
    static Decoding plan(
            HunyuanDecoder decoder,
            LatentShape shape,
            TilePlan tiles,
            int tileFrames,
            int tileStrideFrames,
            Path directory,
            int threads,
            long limit) {
        TimePlan time = new TimePlan(
                shape.frames(), tileFrames, tileStrideFrames, decoder.config().temporalScale());
        FramewiseDecoding decoding = FramewiseDecoding.plan(decoder, shape, time, tiles, directory);
        return decoding.bytes(threads) > limit ? decoding.keepingFew() : decoding;
    }

    /** What the arithmetic takes. */
    Rehearsal rehearsal();

    /** Bytes of transformed weights that stay with the decoder's layers. */
    default long keptBytes() {
        return rehearsal().kept();
    }

    /** How many such go on at a time. */
    default int lanes() {
        return 1;
    }

    /** Memory of the run by this many threads, bytes, weights and latents not included. */
    long bytes(int threads);

    /** Temporary disk space, bytes. */
    long disk();

    /** Floating-point operations by direct convolution, of overlaps too. */
    double operations();

    /** In which order it goes, in words. */
    String order();

    /**
     * The same for a decoder that has more to decode: an undivided plan keeps all transformed weights for that, if they
     * are not too many.
     */
    default Decoding keepingAll() {
        return this;
    }

    /**
     * The same with large memory from there. All but the undivided plan take new memory, and what is kept is given back
     * for it.
     */
    default Decoding within(KeptMemory memory) {
        memory.clear();
        return this;
    }

    /**
     * Decodes every member in turn into the sink.
     *
     * @param clamp    to [-1, 1], where the reference does
     * @param progress told the share of the arithmetic done, in [0, 1]
     * @throws FormatException if a result is not finite, unless allowed
     * @throws IOException     if there is no room for the temporary file, or what the sink threw
     */
    void run(Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress)
            throws IOException;

    /** The refusal of a result. */
    static FormatException nonfinite(int members, int member, int frame, long row, long column) {
        return new FormatException("The decoded video is not finite: first at frame " + frame + ", row " + row
                + ", column " + column + (members > 1 ? " of member " + member : "") + ".");
    }
}
