package wanvae.decode;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.StreamingDecoder;
import wanvae.runtime.Spool;

/**
 * Chooses how a decode is divided so that it stays within a bound, what costs least time first: as it comes; without
 * keeping the transformed weights of the largest layers; in more bands of rows; then inside out, in as few pieces as
 * will do, of all grids of so many pieces the one that takes the fewest operations.
 */
final class WithinMemory {
    private static final int[] PIECES = {2, 3, 4, 5, 6, 8, 9, 12, 16, 20, 24, 32};
    /** Pieces are at least so many pixels high and wide: smaller ones are all border. */
    private static final int LEAST = 64;

    static final int MANY_BANDS = 8;
    /** A byte that is written to disk and read again takes as long as so many operations, about. */
    private static final double DISK = 500;

    private final StreamingDecoder decoder;
    private final LatentShape shape;
    private final Path directory;
    private final int threads;
    private final long limit;
    private final Map<Integer, MemoryNeeds> beginnings = new HashMap<>();
    private Decoding smallest;

    private WithinMemory(StreamingDecoder decoder, LatentShape shape, Path directory, int threads, long limit) {
        this.decoder = decoder;
        this.shape = shape;
        this.directory = directory;
        this.threads = threads;
        this.limit = limit;
    }

    /**
     * The plan that fits, or if none does the smallest.
     *
     * @param limit bytes
     */
    static Decoding choose(StreamingDecoder decoder, LatentShape shape, Path directory, int threads, long limit) {
        return new WithinMemory(decoder, shape, directory, threads, limit).choose();
    }

    private Decoding choose() {
        PlainDecoding plain = PlainDecoding.plan(decoder, shape, decoder.bands(shape));
        if (fits(plain)) return plain;
        PlainDecoding few = plain.keepingFew();
        if (fits(few)) return few;
        PlainDecoding more = PlainDecoding.plan(decoder, shape, MANY_BANDS).keepingFew();
        if (fits(more)) return more;
        for (int count : PIECES) {
            PiecewiseDecoding best = null;
            for (int rows = 1; rows <= count; rows++)
                for (int cut = 1; count % rows == 0 && possible(rows, count / rows) && cut < decoder.stages(); cut++) {
                    PiecewiseDecoding pieces = pieces(cut, rows, count / rows);
                    if (fits(pieces) && (best == null || cost(pieces) < cost(best))) best = pieces;
                }
            if (best != null) return best.bytes(threads) + best.disk() <= limit ? best.inMemory(true) : best;
        }
        return smallest;
    }

    private boolean fits(Decoding decoding) {
        if (smallest == null || decoding.bytes(threads) < smallest.bytes(threads)) smallest = decoding;
        return decoding.bytes(threads) <= limit;
    }

    private boolean possible(int rows, int columns) {
        Window picture = decoder.shape(shape, decoder.stages()).picture();
        return (rows == 1 || picture.height() / rows >= LEAST) && (columns == 1 || picture.width() / columns >= LEAST);
    }

    private PiecewiseDecoding pieces(int cut, int rows, int columns) {
        MemoryNeeds beginning = beginnings.computeIfAbsent(cut, c -> PiecewiseDecoding.before(decoder, shape, c));
        return PiecewiseDecoding.plan(
                        decoder, shape, cut, rows, columns, Math.ceilDiv(MANY_BANDS, rows), directory, beginning)
                .inMemory(Spool.isMemory(directory));
    }

    private static double cost(PiecewiseDecoding pieces) {
        return pieces.work() + DISK * pieces.disk();
    }
}
