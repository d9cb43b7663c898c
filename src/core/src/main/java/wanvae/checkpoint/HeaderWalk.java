package wanvae.checkpoint;

import java.nio.ByteBuffer;
import wanvae.tensorfile.FormatException;

/**
 * Walks the FlatBuffer in a .wanvae file before the generated accessors, which check nothing, may touch it: every
 * table, vector and string must lie within the buffer and be of a sane length. Mirrors {@code wanvae.fbs}; the layout
 * is that of FlatBuffers' internals document.
 */
final class HeaderWalk {
    private static final int MOST_TENSORS = 1 << 16;
    private static final int LONGEST_NAME = 1 << 10;
    private static final int MOST_DIMENSIONS = 8;

    private final ByteBuffer buffer;
    private final String file;

    private HeaderWalk(ByteBuffer buffer, String file) {
        this.buffer = buffer;
        this.file = file;
    }

    /** @param buffer little-endian, the header from position 0 to its limit */
    static void check(ByteBuffer buffer, String file) throws FormatException {
        var walk = new HeaderWalk(buffer, file);
        walk.header(walk.reference(0));
    }

    private void header(int table) throws FormatException {
        int wan = child(table, 0, false);
        int hunyuan = child(table, 1, false);
        if (wan < 0 == hunyuan < 0) throw bad("does not hold exactly one configuration");
        if (wan >= 0) wan(wan);
        if (hunyuan >= 0) hunyuan(hunyuan);
        int tensors = child(table, 2, true);
        int count = vector(tensors, 4, MOST_TENSORS);
        for (int i = 0; i < count; i++) tensor(reference(tensors + 4 + 4 * i));
    }

    private void wan(int table) throws FormatException {
        name(child(table, 0, true));
        scalars(table, 4, 1, 2, 4, 9, 10);
        scalars(table, 1, 8);
        vector(child(table, 3, true), 4, ConfigCheck.WIDEST);
        vector(child(table, 5, true), 1, ConfigCheck.WIDEST);
        vector(child(table, 6, true), 4, ConfigCheck.WIDEST);
        vector(child(table, 7, true), 4, ConfigCheck.WIDEST);
    }

    private void hunyuan(int table) throws FormatException {
        scalars(table, 4, 0, 2, 4, 5, 6, 7);
        scalars(table, 1, 3);
        vector(child(table, 1, true), 4, ConfigCheck.WIDEST);
    }

    private void tensor(int table) throws FormatException {
        name(child(table, 0, true));
        vector(child(table, 1, true), 8, MOST_DIMENSIONS);
        scalars(table, 1, 2);
        scalars(table, 8, 3, 4);
        scalars(table, 4, 5);
    }

    private void scalars(int table, int size, int... fields) throws FormatException {
        for (int field : fields) field(table, field, size);
    }

    /** Position of what a field refers to, -1 where the field is absent. */
    private int child(int table, int field, boolean required) throws FormatException {
        int position = field(table, field, 4);
        if (position < 0 && required) throw bad("lacks a required entry");
        return position < 0 ? -1 : reference(position);
    }

    /** Position of a field in its table, -1 where it is absent. */
    private int field(int table, int field, int size) throws FormatException {
        require(table, 4);
        long vtable = (long) table - buffer.getInt(table);
        require(vtable, 4);
        int vtableSize = buffer.getShort((int) vtable) & 0xFFFF;
        int tableSize = buffer.getShort((int) vtable + 2) & 0xFFFF;
        require(vtable, vtableSize);
        require(table, tableSize);
        int slot = 4 + 2 * field;
        if (slot + 2 > vtableSize) return -1;
        int offset = buffer.getShort((int) vtable + slot) & 0xFFFF;
        if (offset == 0) return -1;
        if (offset < 4 || offset + size > tableSize) throw bad("has a field outside its table");
        return table + offset;
    }

    /** Follows an unsigned 32-bit offset relative to its own position. */
    private int reference(int position) throws FormatException {
        require(position, 4);
        long target = position + (buffer.getInt(position) & 0xFFFFFFFFL);
        require(target, 4);
        return (int) target;
    }

    /** The length of a vector or string, checked. */
    private int vector(int position, int elementSize, int most) throws FormatException {
        require(position, 4);
        long length = buffer.getInt(position) & 0xFFFFFFFFL;
        if (length > most) throw bad("has a list of " + length + " entries, expected at most " + most);
        require(position + 4, length * elementSize);
        return (int) length;
    }

    /** A string, of printable ASCII: the accessors throw on anything that is not UTF-8. */
    private void name(int position) throws FormatException {
        int length = vector(position, 1, LONGEST_NAME);
        for (int i = 0; i < length; i++) {
            byte character = buffer.get(position + 4 + i);
            if (character < ' ' || character > '~') throw bad("has a name that is not ASCII");
        }
    }

    private void require(long position, long size) throws FormatException {
        if (position < 0 || position > buffer.limit() - size)
            throw bad("refers to byte " + position + " of its " + buffer.limit());
    }

    private FormatException bad(String what) {
        return new FormatException(file + ": damaged, its header " + what);
    }
}
