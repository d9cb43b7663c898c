package wanvae.tensorfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: a 64-bit header length, a JSON header with type, shape and data_offsets of each tensor, then the
 * data, all of it little-endian and without gaps. The format is Hugging Face's; its rules are those of the safetensors
 * crate.
 */
public final class SafetensorsFile extends ViewedFile {
    /** Bytes of a file without tensors: the length of the header, and {}. */
    private static final int SHORTEST = 10;

    private static final int LONGEST_HEADER = 16 << 20;
    private static final int MOST_TENSORS = 100_000;
    private static final int MOST_DIMENSIONS = 32;
    /** Without the parser's table of field names, which for a hostile header would take many times the file's size. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNumberLength(32)
                    .maxNameLength(4096)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();
    /** Types that are not read, with the sizes of their elements, to check extents. */
    private static final Map<String, Integer> OTHER_TYPES = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E8M0", 1),
            Map.entry("I16", 2),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry("I64", 8),
            Map.entry("U64", 8),
            Map.entry("C64", 8));

    private record Extent(String tensor, long begin, long end) {}

    private final long dataStart;

    /**
     * Opens a safetensors file and checks its whole header.
     *
     * @throws FormatException if it is not a sound one
     */
    public static SafetensorsFile open(Path file) throws IOException {
        FileBytes bytes = FileBytes.open(file, file.toString());
        try {
            return new SafetensorsFile(bytes);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /** Takes ownership of the file, but does not close it when it throws. */
    SafetensorsFile(Bytes file) throws IOException {
        super(file);
        byte[] start = file.read(0, (int) Math.min(file.size(), SHORTEST)).array();
        long length = requireBegins(start, name());
        if (length > file.size() - 8) {
            throw new FormatException(
                    name() + ": header length " + length + " does not fit the file's " + file.size() + " bytes");
        }
        dataStart = 8 + length;
        checkNoGaps(readHeader(new InputStreamReader(file.stream(8, length), StandardCharsets.UTF_8)));
    }

    /**
     * Refuses what cannot be a safetensors file, whatever follows.
     *
     * @param start the file's first bytes, 10 or more unless it has fewer
     * @return the length of its header in bytes
     */
    static long requireBegins(byte[] start, String name) throws FormatException {
        if (start.length < SHORTEST)
            throw new FormatException(name + ": not a safetensors file, it has only " + start.length + " bytes");
        if (start[8] != '{')
            throw new FormatException(name + ": not a safetensors file, no JSON header after its first 8 bytes");
        long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > LONGEST_HEADER)
            throw new FormatException(name + ": header length " + Long.toUnsignedString(length) + ", expected 2 to "
                    + LONGEST_HEADER + " bytes");
        return length;
    }

    private List<Extent> readHeader(Reader header) throws IOException {
        var extents = new ArrayList<Extent>();
        try (JsonParser json = JSON.createParser(header)) {
            expect(json.nextToken(), JsonToken.START_OBJECT, "header");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String tensor = json.currentName();
                expect(json.nextToken(), JsonToken.START_OBJECT, tensor);
                if (tensor.equals("__metadata__")) {
                    json.skipChildren();
                } else {
                    if (extents.size() == MOST_TENSORS)
                        throw new FormatException(name() + ": header of more than " + MOST_TENSORS + " tensors");
                    if (tensors.containsKey(tensor) || integers.containsKey(tensor) || unreadable.containsKey(tensor))
                        throw bad(tensor, "two entries");
                    extents.add(readTensor(json, tensor));
                }
            }
            if (json.nextToken() != null) throw new FormatException(name() + ": text after the end of the JSON header");
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at its character " + e.getLocation().getCharOffset(); // none where a limit of ours ended it
            throw new FormatException(name() + ": header is not valid JSON" + where, e);
        }
        return extents;
    }

    private Extent readTensor(JsonParser json, String tensor) throws IOException {
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "dtype" -> {
                    if (type != null) throw bad(tensor, "two dtypes");
                    expect(value, JsonToken.VALUE_STRING, tensor);
                    type = json.getText();
                }
                case "shape" -> {
                    if (shape != null) throw bad(tensor, "two shapes");
                    shape = readLongs(json, tensor);
                }
                case "data_offsets" -> {
                    if (offsets != null) throw bad(tensor, "two data_offsets");
                    offsets = readLongs(json, tensor);
                }
                default -> throw bad(tensor, "an unknown field " + FormatException.quote(field));
            }
        }
        if (type == null || shape == null || offsets == null) throw bad(tensor, "no dtype, shape or data_offsets");
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > file.size() - dataStart) {
            throw bad(
                    tensor,
                    "data_offsets " + Arrays.toString(offsets) + ", outside the " + (file.size() - dataStart)
                            + " bytes of data");
        }
        checkSize(tensor, type, shape, offsets[1] - offsets[0]);
        return new Extent(tensor, offsets[0], offsets[1]);
    }

    private void checkSize(String tensor, String type, long[] shape, long size) throws FormatException {
        DType dtype = switch (type) {
            case "F64" -> DType.F64;
            case "F32" -> DType.F32;
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            case "F8_E4M3" -> DType.F8_E4M3;
            case "F8_E5M2" -> DType.F8_E5M2;
            case "U8" -> DType.U8;
            case "U16" -> DType.U16;
            default -> null;
        };
        Integer bytes = dtype != null ? Integer.valueOf(dtype.bytes()) : OTHER_TYPES.get(type);
        if (bytes != null) {
            long expected;
            try {
                expected = Math.multiplyExact(new TensorInfo(tensor, dtype, shape).elements(), (long) bytes);
            } catch (ArithmeticException e) {
                throw bad(tensor, "shape " + Arrays.toString(shape) + ", whose size overflows");
            }
            if (expected != size) {
                throw bad(tensor, size + " bytes of data, but " + type + Arrays.toString(shape) + " takes " + expected);
            }
        }
        if (dtype == null) {
            unreadable.put(tensor, type);
        } else {
            (dtype.isFloat() ? tensors : integers).put(tensor, new TensorInfo(tensor, dtype, shape));
        }
    }

    private long[] readLongs(JsonParser json, String tensor) throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, tensor);
        var numbers = new long[MOST_DIMENSIONS];
        int n = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, tensor);
            if (n == MOST_DIMENSIONS) throw bad(tensor, "more than " + MOST_DIMENSIONS + " dimensions");
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                throw bad(tensor, "a size or offset of " + json.getText());
            }
            numbers[n++] = json.getLongValue();
        }
        return Arrays.copyOf(numbers, n);
    }

    private void checkNoGaps(List<Extent> extents) throws FormatException {
        extents.sort(Comparator.comparingLong(Extent::begin).thenComparingLong(Extent::end));
        long reached = 0;
        for (Extent extent : extents) {
            if (extent.begin != reached) {
                throw bad(
                        extent.tensor,
                        "data from byte " + extent.begin
                                + (extent.begin < reached ? ", overlapping" : ", after a gap behind")
                                + " the tensor before it, which ends at " + reached);
            }
            reached = extent.end;
            TensorInfo info = tensors.getOrDefault(extent.tensor, integers.get(extent.tensor));
            if (info != null)
                views.put(extent.tensor, new TensorView(info, file, dataStart + extent.begin, ByteOrder.LITTLE_ENDIAN));
        }
        if (reached != file.size() - dataStart) {
            throw new FormatException(name() + ": has " + (file.size() - dataStart)
                    + " bytes of data, but its header describes " + reached);
        }
    }

    private void expect(JsonToken found, JsonToken expected, String where) throws FormatException {
        if (found != expected) {
            throw bad(
                    where,
                    "a header entry that is not what safetensors describes (" + found + ", expected " + expected + ")");
        }
    }

    private FormatException bad(String tensor, String found) {
        return new FormatException(name() + ": tensor " + FormatException.quote(tensor) + " has " + found);
    }
}
