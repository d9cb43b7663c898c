package wanvae.strategy;

import java.util.Locale;

/** Sizes in words. */
final class Bytes {
    private Bytes() {}

    /** A size, rounded up, for people. */
    static String text(long bytes) {
        return bytes >= 1e9
                ? String.format(Locale.ROOT, "%.1f GB", Math.ceil(bytes / 1e8) / 10)
                : String.format(Locale.ROOT, "%.0f MB", Math.ceil(bytes / 1e6));
    }
}
