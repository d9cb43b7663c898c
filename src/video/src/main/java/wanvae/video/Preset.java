package wanvae.video;

/** How much work the H.264 encoder spends on smaller files. At the same quality, a faster preset makes larger files. */
public enum Preset {
    /** For previews, and if nothing should wait for the encoder. */
    FAST,
    /** The default. */
    MEDIUM,
    /** For files that are kept. */
    SLOW
}
