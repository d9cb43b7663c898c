package wanvae.video.source;

import wanvae.tensorfile.FormatException;

/**
 * Frames can be interpreted in several ways, or only in one that must be requested. An option of {@link SourceOptions}
 * decides.
 */
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

    /** The probable choice. */
    private final String likely;

    /** @param likely the probable choice, in the form that {@link SourceOptions} takes */
    UntoldException(Choice choice, String likely, String message) {
        super(message);
        this.choice = choice;
        this.likely = likely;
    }

    /** What has to be told. */
    public Choice choice() {
        return choice;
    }

    /** The probable choice: a tensor's name, an order of axes, or a range. */
    public String likely() {
        return likely;
    }
}
