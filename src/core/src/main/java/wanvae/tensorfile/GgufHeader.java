package wanvae.tensorfile;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The header of a GGUF file, read in order: counts and metadata, then what the caller reads of the tensors. Metadata is
 * skipped, except for the alignment of the data and the shapes that ComfyUI-GGUF records. Source: ggml's docs/gguf.md.
 */
final class GgufHeader {
    private static final int LONGEST_HEADER = 16 << 20;
    private static final int LONGEST_NAME = 1000;
    private static final int DEEPEST = 4;
    private static final int MOST_DIMENSIONS = 8;
    private static final String SHAPE = "comfy.gguf.orig_shape.";
    private static final int TEXT = 8;
    private static final int ARRAY = 9;
    /** Bytes of the values of types 0 to 12; 0 for texts and arrays. */
    private static final int[] BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Bytes file;
    private final ByteBuffer header;
    private final Map<String, long[]> shapes = new HashMap<>();
    private long alignment = 32;

    GgufHeader(Bytes file) throws IOException {
        this.file = file;
        header = file.read(0, (int) Math.min(file.size(), LONGEST_HEADER)).position(4);
    }

    /**
     * Reads up to the tensors.
     *
     * @return how many the file claims to have
     */
    long begin() throws FormatException {
        long version = unsigned();
        if (version != 2 && version != 3)
            throw new FormatException(file.name() + ": GGUF of version " + version + ", expected 2 or 3");
        long tensors = number();
        long entries = number();
        for (long i = 0; i != entries; i++) entry(); // each takes some bytes, so their number ends it
        return tensors;
    }

    private void entry() throws FormatException {
        String key = text();
        int type = (int) unsigned();
        if (key.equals("general.alignment") && type == 4) {
            alignment = unsigned();
            if (alignment < 1 || alignment > 1 << 20)
                throw new FormatException(file.name() + ": GGUF data aligned to " + alignment + " bytes");
        } else if (key.startsWith(SHAPE) && type == ARRAY) {
            shape(key.substring(SHAPE.length()));
        } else {
            skip(type, 0);
        }
    }

    private void shape(String tensor) throws FormatException {
        int type = (int) unsigned();
        long count = number();
        boolean integers = type == 4 || type == 5 || type == 10 || type == 11;
        if (!integers || count < 1 || count > MOST_DIMENSIONS)
            throw new FormatException(
                    file.name() + ": tensor " + FormatException.quote(tensor) + " has an unreadable original shape");
        long[] shape = new long[(int) count];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = BYTES[type] == 4 ? unsigned() : number();
            if (shape[d] < 1 || shape[d] > Integer.MAX_VALUE)
                throw new FormatException(file.name() + ": tensor " + FormatException.quote(tensor)
                        + " has an original shape with a size of " + shape[d]);
        }
        shapes.put(tensor, shape);
    }

    private void skip(int type, int depth) throws FormatException {
        if (type < 0 || type >= BYTES.length || depth > DEEPEST)
            throw new FormatException(file.name() + ": GGUF metadata of an unknown type, " + type);
        if (type == TEXT) {
            skip(number());
        } else if (type != ARRAY) {
            skip(BYTES[type]);
        } else {
            int element = (int) unsigned();
            long count = number();
            boolean fixed = element >= 0 && element < BYTES.length && BYTES[element] > 0;
            if (fixed && count >= 0 && count <= header.remaining()) skip(count * BYTES[element]);
            else if (fixed) throw tooLong();
            else for (long i = 0; i != count; i++) skip(element, depth + 1);
        }
    }

    private void skip(long bytes) throws FormatException {
        if (bytes < 0 || bytes > header.remaining()) throw tooLong();
        header.position(header.position() + (int) bytes);
    }

    private FormatException tooLong() {
        return new FormatException(file.name()
                + (file.size() > LONGEST_HEADER
                        ? ": a GGUF header of more than " + LONGEST_HEADER + " bytes, no VAE's"
                        : ": ends too early, within its GGUF header"));
    }

    /** The shape a tensor had before it was stored in another, or null. */
    long[] shapeOf(String tensor) {
        return shapes.get(tensor);
    }

    /** Where the data begins; valid when all tensors have been read. */
    long dataStart() {
        return Math.ceilDiv(header.position(), alignment) * alignment;
    }

    /** An unsigned 32-bit number. */
    long unsigned() throws FormatException {
        try {
            return header.getInt() & 0xFFFFFFFFL;
        } catch (BufferUnderflowException e) {
            throw tooLong();
        }
    }

    /** An unsigned 64-bit number; values of 2^63 and more come out negative. */
    long number() throws FormatException {
        try {
            return header.getLong();
        } catch (BufferUnderflowException e) {
            throw tooLong();
        }
    }

    /** A text of at most a thousand bytes. */
    String text() throws FormatException {
        long length = number();
        if (length < 0 || length > header.remaining()) throw tooLong();
        if (length > LONGEST_NAME)
            throw new FormatException(file.name() + ": a name of " + length + " bytes in its GGUF header");
        var text = new byte[(int) length];
        header.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
