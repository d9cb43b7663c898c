package wanvae.video;

/** What to do with an output that already exists. */
public enum IfExists {
    /** Put the new output in its place when it is complete, unless it is read-only; until then it stays as it is. */
    REPLACE,
    /** As {@link #REPLACE}, also where it is read-only. */
    REPLACE_READ_ONLY,
    /** Fail before anything is written. */
    REFUSE
}
