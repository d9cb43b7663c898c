package wanvae.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The data caches of a processor. Kernels choose the sizes of their blocks by them; results do not depend on them.
 *
 * @param level1   bytes of the first level
 * @param level2   bytes of the second level
 * @param level3   bytes of the third level
 * @param sharing2 processors that share the second level, at least one
 * @param sharing3 processors that share the third level, at least one
 */
public record Caches(long level1, long level2, long level3, int sharing2, int sharing3) {
    /**
     * Assumed where the system does not report the caches, as in most virtual machines: the caches of a Zen 4 or 5.
     * Cascade Lakes, too, have a second level of 1 MB.
     */
    public static final Caches DEFAULT = new Caches(32 << 10, 1 << 20, 32 << 20, 1, 8);

    /** More caches than Linux lists for a processor, which are three or four. */
    private static final int MOST = 16;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)"),
            RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

    private static final Caches MACHINE = read(Path.of("/sys/devices/system/cpu/cpu0/cache"));
    private static final ScopedValue<Caches> ASSUMED = ScopedValue.newInstance();

    /** @throws IllegalArgumentException if a number is not positive */
    public Caches {
        if (level1 < 1 || level2 < 1 || level3 < 1 || sharing2 < 1 || sharing3 < 1)
            throw new IllegalArgumentException("no caches of " + level1 + ", " + level2 + " and " + level3
                    + " bytes, shared by " + sharing2 + " and " + sharing3 + " processors");
    }

    /** The caches of this machine, or those that this thread is to {@linkplain #assumed assume}. */
    public static Caches here() {
        return ASSUMED.orElse(MACHINE);
    }

    /**
     * Calls something as if the machine had these caches. Only the calling thread assumes them; it must plan and run a
     * decode, so that both use blocks of the same size.
     */
    public <R, X extends Throwable> R assumed(ScopedValue.CallableOp<? extends R, X> operation) throws X {
        return ScopedValue.where(ASSUMED, this).call(operation);
    }

    /** Bytes of the second level for each of the processors that share it, which all work on blocks of their own. */
    public long level2Share() {
        return level2 / sharing2;
    }

    /**
     * Reads what Linux reports about a processor's caches. {@link #DEFAULT} stands for whatever is missing or invalid.
     *
     * @param folder holds a folder {@code index0}, {@code index1}, … for each cache
     */
    static Caches read(Path folder) {
        Caches caches = DEFAULT;
        for (int i = 0; i < MOST; i++) caches = caches.with(folder.resolve("index" + i));
        return caches;
    }

    /** These caches, with the one that a folder describes replaced. */
    private Caches with(Path index) {
        String type = line(index.resolve("type")), level = line(index.resolve("level"));
        long bytes = bytes(line(index.resolve("size")));
        int sharing = processors(line(index.resolve("shared_cpu_list")));
        if (bytes == 0 || !type.equals("Data") && !type.equals("Unified")) return this;
        return switch (level) {
            case "1" -> new Caches(bytes, level2, level3, sharing2, sharing3);
            case "2" -> new Caches(level1, bytes, level3, sharing == 0 ? sharing2 : sharing, sharing3);
            case "3" -> new Caches(level1, level2, bytes, sharing2, sharing == 0 ? sharing3 : sharing);
            default -> this;
        };
    }

    /** The text of a file that has one line, or nothing. */
    private static String line(Path file) {
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** A size such as {@code 1024K} in bytes; 0 for anything else. */
    private static long bytes(String size) {
        Matcher m = SIZE.matcher(size);
        if (!m.matches()) return 0;
        return Long.parseLong(m.group(1))
                << switch (m.group(2)) {
                    case "K" -> 10;
                    case "M" -> 20;
                    case "G" -> 30;
                    default -> 0;
                };
    }

    /** The number of processors in a list such as {@code 0-3,64-67}; 0 for anything else. */
    private static int processors(String list) {
        int count = 0;
        for (String range : list.split(",", -1)) {
            Matcher m = RANGE.matcher(range);
            if (!m.matches()) return 0;
            int first = Integer.parseInt(m.group(1)), last = m.group(2) == null ? first : Integer.parseInt(m.group(2));
            if (last < first) return 0;
            count += last - first + 1;
        }
        return count;
    }
}
