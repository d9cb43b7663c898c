package wanvae.checkpoint.format;

import java.nio.ByteBuffer;
import wanvae.tensorfile.FormatException;

/**
 * A table of a FlatBuffer that is not trusted. The header of a .wanvae file is walked with this before the generated
 * accessors, which check nothing, may touch it: every table, vector and string must lie within the buffer and be of a
 * sane length. The layout is that of FlatBuffers' internals document; fields are numbered as {@code wanvae.fbs}
 * declares them.
 */
public final class HeaderTable {
    private static final int LONGEST_NAME = 1 << 10;

    private final ByteBuffer buffer;
    private final String file;
    private final int position;

    private HeaderTable(ByteBuffer buffer, String file, int position) {
        this.buffer = buffer;
        this.file = file;
        this.position = position;
    }

    /**
     * The root table.
     *
     * @param buffer little-endian, the FlatBuffer from position 0 to its limit
     * @param file   what messages call the file
     * @throws FormatException here and below if anything lies outside the buffer
     */
    public static HeaderTable root(ByteBuffer buffer, String file) throws FormatException {
        return new HeaderTable(buffer, file, new HeaderTable(buffer, file, 0).reference(0));
    }

    /** Whether a field that refers to a table, vector or string is present. */
    public boolean has(int field) throws FormatException {
        return field(field, 4) >= 0;
    }

    /**
     * The table that a field refers to.
     *
     * @throws FormatException also if the field is absent
     */
    public HeaderTable table(int field) throws FormatException {
        return new HeaderTable(buffer, file, child(field));
    }

    /** Checks scalar fields of {@code size} bytes each, where they are present. */
    public void scalars(int size, int... fields) throws FormatException {
        for (int field : fields) field(field, size);
    }

    /** Checks a vector of at most {@code most} elements of {@code elementSize} bytes; it must be present. */
    public void vector(int field, int elementSize, int most) throws FormatException {
        length(child(field), elementSize, most);
    }

    /** The tables of a vector of at most {@code most}; it must be present. */
    public HeaderTable[] tables(int field, int most) throws FormatException {
        int vector = child(field);
        var tables = new HeaderTable[length(vector, 4, most)];
        for (int i = 0; i < tables.length; i++)
            tables[i] = new HeaderTable(buffer, file, reference(vector + 4 + 4 * i));
        return tables;
    }

    /** A string of printable ASCII, since the accessors throw on what is not UTF-8; it must be present. */
    public String name(int field) throws FormatException {
        int string = child(field);
        int length = length(string, 1, LONGEST_NAME);
        var name = new StringBuilder();
        for (int i = 0; i < length; i++) {
            byte character = buffer.get(string + 4 + i);
            if (character < ' ' || character > '~') throw bad("has a name that is not ASCII");
            name.append((char) character);
        }
        return name.toString();
    }

    /**
     * The refusal of this header.
     *
     * @param what continues "its header"
     */
    public FormatException bad(String what) {
        return new FormatException(file + ": damaged, its header " + what);
    }

    /** Position of what a field refers to. */
    private int child(int field) throws FormatException {
        int at = field(field, 4);
        if (at < 0) throw bad("lacks a required entry");
        return reference(at);
    }

    /** Position of a field in this table, -1 where it is absent. */
    private int field(int field, int size) throws FormatException {
        require(position, 4);
        long vtable = (long) position - buffer.getInt(position);
        require(vtable, 4);
        int vtableSize = buffer.getShort((int) vtable) & 0xFFFF;
        int tableSize = buffer.getShort((int) vtable + 2) & 0xFFFF;
        require(vtable, vtableSize);
        require(position, tableSize);
        int slot = 4 + 2 * field;
        if (slot + 2 > vtableSize) return -1;
        int offset = buffer.getShort((int) vtable + slot) & 0xFFFF;
        if (offset == 0) return -1;
        if (offset < 4 || offset + size > tableSize) throw bad("has a field outside its table");
        return position + offset;
    }

    /** Follows an unsigned 32-bit offset relative to its own position. */
    private int reference(int at) throws FormatException {
        require(at, 4);
        long target = at + (buffer.getInt(at) & 0xFFFFFFFFL);
        require(target, 4);
        return (int) target;
    }

    /** The length of a vector or string, checked. */
    private int length(int vector, int elementSize, int most) throws FormatException {
        require(vector, 4);
        long length = buffer.getInt(vector) & 0xFFFFFFFFL;
        if (length > most) throw bad("has a list of " + length + " entries, expected at most " + most);
        require(vector + 4, length * elementSize);
        return (int) length;
    }

    private void require(long from, long size) throws FormatException {
        if (from < 0 || from > buffer.limit() - size) throw bad("refers to byte " + from + " of its " + buffer.limit());
    }
}
