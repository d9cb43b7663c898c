package wanvae.checkpoint.format;

import wanvae.tensorfile.FormatException;

/**
 * Checks a configuration before a model relies on it, whatever file it came from.
 *
 * @param where file or tensor names that the configuration comes from, for messages
 */
public record ConfigCheck(String where) {
    /** Largest width that is accepted: it keeps every product of a tensor's shape far from overflow. */
    public static final int WIDEST = 1 << 16;

    /** Most stages of an encoder or decoder. */
    public static final int MOST_STAGES = 8;

    /** Most residual blocks of a stage. */
    public static final int MOST_BLOCKS = 64;

    /**
     * Requires a condition.
     *
     * @param found    what the configuration says, "z_dim is 0"
     * @param expected what it should say, "1 to 65536"
     * @throws FormatException if the condition does not hold
     */
    public void require(boolean condition, String found, String expected) throws FormatException {
        if (!condition) throw new FormatException(where + ": " + found + ", expected " + expected);
    }

    /**
     * Requires {@code least <= value <= most}.
     *
     * @throws FormatException as {@link #require}
     */
    public void inRange(String name, int value, int least, int most) throws FormatException {
        require(value >= least && value <= most, name + " is " + value, least + " to " + most);
    }
}
