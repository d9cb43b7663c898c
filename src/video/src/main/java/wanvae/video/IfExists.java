package wanvae.video;

/** What to do with an output that already exists. */
public enum IfExists {
    /** Replace it when the new output is complete, unless it is read-only. Until then it stays as it is. */
    REPLACE,
    /** As {@link #REPLACE}, but even if it is read-only. */
    REPLACE_READ_ONLY,
    /** Fail before anything is written. */
    REFUSE
}
