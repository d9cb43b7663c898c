package wanvae.kernel;

/** What a convolution sees beyond the edges of a frame. */
public enum Border {
    ZEROS,
    /** The nearest pixel of the edge. */
    REPLICATE
}
