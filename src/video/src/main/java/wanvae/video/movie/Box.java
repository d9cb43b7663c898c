package wanvae.video.movie;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A box of an index.
 *
 * @param type    four characters
 * @param content what follows its header
 */
record Box(String type, ByteBuffer content) {
    static String type(ByteBuffer bytes, int at) {
        byte[] type = new byte[4];
        bytes.get(at, type);
        // The type of a damaged box appears in messages, so it must not contain control characters.
        for (int i = 0; i < type.length; i++) if (type[i] < ' ' || type[i] > '~') type[i] = '?';
        return new String(type, StandardCharsets.ISO_8859_1);
    }

    /**
     * The boxes that follow one another in these bytes. Fewer than eight remaining bytes are no box and are ignored.
     */
    static List<Box> children(ByteBuffer bytes) throws DamagedMovieException {
        List<Box> boxes = new ArrayList<>();
        for (int at = 0; at + 8 <= bytes.limit(); ) {
            int size = bytes.getInt(at);
            // QuickTime ends some lists with a zero.
            if (size == 0) break;
            if (size < 8 || size > bytes.limit() - at)
                throw new DamagedMovieException("its index is damaged: a box '" + type(bytes, at + 4) + "' claims "
                        + Integer.toUnsignedString(size) + " bytes where " + (bytes.limit() - at) + " are left");
            boxes.add(new Box(type(bytes, at + 4), bytes.slice(at + 8, size - 8)));
            at += size;
        }
        return boxes;
    }

    /** The box inside boxes. */
    Box inside(String... path) throws DamagedMovieException {
        Box box = this;
        for (String type : path) {
            Box found = box.child(type);
            if (found == null)
                throw new DamagedMovieException(
                        "its index is damaged: there is no '" + type + "' in a '" + box.type + "'");
            box = found;
        }
        return box;
    }

    /** The first box of this type directly inside, or null. */
    Box child(String type) throws DamagedMovieException {
        for (Box box : children(content)) if (box.type.equals(type)) return box;
        return null;
    }

    int byteAt(int at) throws DamagedMovieException {
        return require(at, 1).get(at) & 0xff;
    }

    int shortAt(int at) throws DamagedMovieException {
        return require(at, 2).getShort(at) & 0xffff;
    }

    int intAt(int at) throws DamagedMovieException {
        return require(at, 4).getInt(at);
    }

    long longAt(int at) throws DamagedMovieException {
        return require(at, 8).getLong(at);
    }

    /** The content from this offset on. */
    ByteBuffer from(int at) throws DamagedMovieException {
        return require(at, 0).slice(at, content.limit() - at);
    }

    /**
     * Reads how many entries a table has, and checks that the content holds them.
     *
     * @param at    offset of the number, which the entries follow
     * @param bytes size of each entry
     */
    int entries(int at, int bytes) throws DamagedMovieException {
        long entries = Integer.toUnsignedLong(intAt(at));
        if (entries > (content.limit() - at - 4) / bytes)
            throw new DamagedMovieException("its index is damaged: '" + type + "' claims " + entries + " entries in "
                    + content.limit() + " bytes");
        return (int) entries;
    }

    private ByteBuffer require(int at, int bytes) throws DamagedMovieException {
        if (at + bytes > content.limit())
            throw new DamagedMovieException(
                    "its index is damaged: '" + type + "' has only " + content.limit() + " bytes");
        return content;
    }
}
