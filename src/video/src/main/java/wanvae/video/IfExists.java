package wanvae.video;

/** What to do with an output that already exists. */
public enum IfExists {
    /** Put the new output in its place when it is complete; until then it stays as it is. */
    REPLACE,
    /** Fail before anything is written. */
    REFUSE
}
