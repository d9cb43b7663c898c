package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The entries of a zip archive (zip64 included), each a range of the file. Nothing is inflated here, and ranges that
 * overlap are refused: without compression the archive cannot be larger inside than outside. Source: PKWARE's APPNOTE.
 */
final class ZipDirectory {
    /**
     * Where an entry's bytes lie in the file.
     *
     * @param size   bytes of the content
     * @param stored bytes it takes in the file, as many as {@code size} unless it is compressed
     * @param method method of compression: 0 is none, 8 is deflate
     * @param crc    CRC-32 of the content
     */
    record Entry(String name, long offset, long size, long stored, int method, long crc) {
        boolean isStored() {
            return method == 0;
        }

        boolean isDeflated() {
            return method == 8;
        }
    }

    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_SIZE = 22;
    private static final int LONGEST_COMMENT = 0xFFFF;
    private static final int LONGEST_DIRECTORY = 16 << 20;
    private static final long ALL_ONES = 0xFFFFFFFFL;

    private final Bytes file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private ZipDirectory(Bytes file) {
        this.file = file;
    }

    static boolean begins(byte[] start) {
        return start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    }

    static Map<String, Entry> read(Bytes file) throws IOException {
        var zip = new ZipDirectory(file);
        zip.readCentral();
        zip.checkDisjoint();
        return zip.entries;
    }

    private void readCentral() throws IOException {
        int tailSize = (int) Math.min(file.size(), END_SIZE + LONGEST_COMMENT);
        long tailStart = file.size() - tailSize;
        ByteBuffer tail = file.read(tailStart, tailSize);
        int end = tailSize - END_SIZE;
        while (end >= 0 && !(tail.getInt(end) == END && end + END_SIZE + unsigned(tail.getShort(end + 20)) == tailSize))
            end--;
        if (end < 0) throw bad("not a zip archive, or one that was cut: no directory at its end");
        long size = unsigned(tail.getInt(end + 12));
        long offset = unsigned(tail.getInt(end + 16));
        if (end >= 20 && tail.getInt(end - 20) == LOCATOR_64) {
            ByteBuffer end64 = file.read(tail.getLong(end - 20 + 8), 56);
            if (end64.getInt(0) != END_64) throw bad("damaged, its zip64 directory is not where it should be");
            size = end64.getLong(40);
            offset = end64.getLong(48);
        }
        if (size < 0 || size > LONGEST_DIRECTORY) {
            throw bad("has a zip directory of " + Long.toUnsignedString(size) + " bytes, expected at most "
                    + LONGEST_DIRECTORY);
        }
        ByteBuffer central = file.read(offset, (int) size);
        while (central.hasRemaining()) readEntry(central);
    }

    private void readEntry(ByteBuffer central) throws IOException {
        int start = central.position();
        if (central.remaining() < 46 || central.getInt(start) != CENTRAL)
            throw bad("damaged, its zip directory has an unreadable entry");
        int nameLength = unsigned(central.getShort(start + 28));
        int extraLength = unsigned(central.getShort(start + 30));
        int length = 46 + nameLength + extraLength + unsigned(central.getShort(start + 32));
        if (length > central.remaining()) throw bad("damaged, its zip directory ends within an entry");
        String name = new String(central.array(), start + 46, nameLength, StandardCharsets.UTF_8);
        int flags = central.getShort(start + 8);
        long stored = unsigned(central.getInt(start + 20));
        long size = unsigned(central.getInt(start + 24));
        long local = unsigned(central.getInt(start + 42));
        int extra = start + 46 + nameLength;
        ByteBuffer wide =
                zip64(central.duplicate().order(central.order()).position(extra).limit(extra + extraLength));
        if (size == ALL_ONES) size = next(wide);
        if (stored == ALL_ONES) stored = next(wide);
        if (local == ALL_ONES) local = next(wide);
        central.position(start + length);

        String quoted = FormatException.quote(name);
        if ((flags & 1) != 0) throw bad("entry " + quoted + " is encrypted");
        int method = unsigned(central.getShort(start + 10));
        long crc = unsigned(central.getInt(start + 16));
        if (size < 0 || method == 0 && stored != size) {
            throw bad("damaged, entry " + quoted + " takes " + Long.toUnsignedString(stored) + " bytes for "
                    + Long.toUnsignedString(size) + " that were stored");
        }
        ByteBuffer header = file.read(local, 30);
        if (header.getInt(0) != LOCAL) throw bad("damaged, entry " + quoted + " is not where the zip directory says");
        long offset = local + 30 + unsigned(header.getShort(26)) + unsigned(header.getShort(28));
        if (stored < 0 || offset > file.size() || stored > file.size() - offset) {
            throw bad("ends too early, entry " + quoted + " takes " + Long.toUnsignedString(stored) + " bytes at "
                    + offset + " of " + file.size());
        }
        if (entries.put(name, new Entry(name, offset, size, stored, method, crc)) != null)
            throw bad("has two entries " + quoted);
    }

    /** The zip64 field among an entry's extra fields, empty if there is none. */
    private static ByteBuffer zip64(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = unsigned(extra.getShort());
            int length = Math.min(unsigned(extra.getShort()), extra.remaining());
            if (id == 1) return extra.limit(extra.position() + length);
            extra.position(extra.position() + length);
        }
        return extra.limit(extra.position());
    }

    private long next(ByteBuffer wide) throws FormatException {
        if (wide.remaining() < 8) throw bad("damaged, a zip64 entry lacks its sizes");
        return wide.getLong();
    }

    private void checkDisjoint() throws FormatException {
        var sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Entry::offset));
        for (int i = 1; i < sorted.size(); i++) {
            Entry before = sorted.get(i - 1);
            if (before.offset + before.stored > sorted.get(i).offset) {
                throw bad("entries " + FormatException.quote(before.name) + " and "
                        + FormatException.quote(sorted.get(i).name) + " overlap");
            }
        }
    }

    private static int unsigned(short value) {
        return value & 0xFFFF;
    }

    private static long unsigned(int value) {
        return value & ALL_ONES;
    }

    private FormatException bad(String what) {
        return new FormatException(file.name() + ": " + what);
    }
}
