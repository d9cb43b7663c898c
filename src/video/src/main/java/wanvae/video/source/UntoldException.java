package wanvae.video.source;

import wanvae.tensorfile.FormatException;

/** Frames that could be meant in several ways, or in one that has to be asked for: which, the options tell. */
public final class UntoldException extends FormatException {
    /** What has to be told. */
    public enum Choice {
        /** {@link SourceOptions#key}. */
        KEY,
        /** {@link SourceOptions#axes}. */
        AXES,
        /** {@link SourceOptions#range}. */
        RANGE
    }

    /** What has to be told. */
    private final Choice choice;

    /** What it probably is. */
    private final String likely;

    /** @param likely what it probably is, as {@link SourceOptions} would be told */
    UntoldException(Choice choice, String likely, String message) {
        super(message);
        this.choice = choice;
        this.likely = likely;
    }

    /** What has to be told. */
    public Choice choice() {
        return choice;
    }

    /** What it probably is: a tensor's name, an order of axes, a range. */
    public String likely() {
        return likely;
    }
}
