package wanvae.video;

/** How much work the H.264 encoder puts into small files: at the same quality, the faster the larger. */
public enum Preset {
    /** For previews, and where nothing is to wait for the encoder. */
    FAST,
    /** The default. */
    MEDIUM,
    /** For files that are kept. */
    SLOW
}
