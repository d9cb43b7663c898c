package wanvae.strategy;

/** One way to take videos of one shape through a network, and what it costs. */
public sealed interface Strategy permits Decoding, Encoding, Piecewise {
    /** What the arithmetic needs. */
    MemoryNeeds needs();

    /** Bytes of transformed weights that stay with the network's layers. */
    default long keptBytes() {
        return needs().keptBytes();
    }

    /** The number of clips that go through the network at a time. */
    default int lanes() {
        return 1;
    }

    /** Bytes of activations and feature caches. */
    default long frameBytes() {
        return lanes() * needs().frameBytes();
    }

    /** Memory of the run on this many threads, bytes, without the weights, the latents and the source of a video. */
    long bytes(int threads);

    /** Temporary disk space, bytes. */
    long disk();

    /** Floating-point operations by direct convolution, those of overlaps included. */
    double operations();

    /** In which order the arithmetic goes, in words. */
    String order();

    /** Whether whole pictures go through the network at once, so that memory of earlier runs can be used again. */
    default boolean isUndivided() {
        return false;
    }
}
