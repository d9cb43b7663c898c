package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A GGUF file, version 2 or 3, little-endian: tensors of F32, F16, BF16, F64 and Q8_0 under the names it gives them.
 *
 * <p>Shapes have the outermost dimension first; in the file it is the last. Where a tensor is stored with other
 * dimensions than it had, its original shape is in the entry {@code comfy.gguf.orig_shape.NAME}, as ComfyUI-GGUF writes
 * it. Where the first two of five dimensions were multiplied, as stable-diffusion.cpp does because GGML has only four,
 * the size of the bias tells them apart.
 */
public final class GgufFile extends ViewedFile {
    private static final int MOST_TENSORS = 100_000;
    private static final int MOST_DIMENSIONS = 8;
    private static final Map<Integer, String> OTHER_TYPES = Map.ofEntries(
            Map.entry(2, "Q4_0"),
            Map.entry(3, "Q4_1"),
            Map.entry(6, "Q5_0"),
            Map.entry(7, "Q5_1"),
            Map.entry(9, "Q8_1"),
            Map.entry(10, "Q2_K"),
            Map.entry(11, "Q3_K"),
            Map.entry(12, "Q4_K"),
            Map.entry(13, "Q5_K"),
            Map.entry(14, "Q6_K"),
            Map.entry(15, "Q8_K"),
            Map.entry(20, "IQ4_NL"),
            Map.entry(23, "IQ4_XS"),
            Map.entry(24, "I8"),
            Map.entry(25, "I16"),
            Map.entry(26, "I32"),
            Map.entry(27, "I64"));

    /** A tensor's entry; its shape as the file has it, innermost dimension first. */
    private record Described(long[] sizes, int type, long offset) {}

    static boolean begins(byte[] start) {
        return start.length >= 4 && start[0] == 'G' && start[1] == 'G' && start[2] == 'U' && start[3] == 'F';
    }

    /** Takes ownership of the file, but does not close it when it throws. */
    GgufFile(Bytes file) throws IOException {
        super(file);
        var header = new GgufHeader(file);
        long count = header.begin();
        if (count == 0) throw new FormatException(name() + ": a GGUF file without tensors");
        if (count < 0 || count > MOST_TENSORS) {
            throw new FormatException(name() + ": a GGUF file of " + Long.toUnsignedString(count)
                    + " tensors, expected at most " + MOST_TENSORS);
        }
        var described = new LinkedHashMap<String, Described>();
        for (long i = 0; i < count; i++) {
            String tensor = header.text();
            long dimensions = header.unsigned();
            if (dimensions > MOST_DIMENSIONS) throw bad(tensor, dimensions + " dimensions");
            long[] sizes = new long[(int) dimensions];
            for (int d = 0; d < sizes.length; d++) sizes[d] = header.number();
            if (described.put(tensor, new Described(sizes, (int) header.unsigned(), header.number())) != null)
                throw bad(tensor, "two entries");
        }
        long dataStart = header.dataStart();
        for (var entry : described.entrySet()) add(entry.getKey(), entry.getValue(), header, dataStart, described);
    }

    private void add(
            String tensor, Described found, GgufHeader header, long dataStart, Map<String, Described> described)
            throws FormatException {
        DType dtype = switch (found.type) {
            case 0 -> DType.F32;
            case 1 -> DType.F16;
            case 8 -> DType.Q8_0;
            case 28 -> DType.F64;
            case 30 -> DType.BF16;
            default -> null;
        };
        if (dtype == null) {
            unreadable.put(tensor, OTHER_TYPES.getOrDefault(found.type, "GGML type " + found.type));
            return;
        }
        try {
            var stored = new TensorInfo(tensor, dtype, reversed(found.sizes));
            long elements = stored.elements();
            long size = dtype.bytes(elements);
            for (long d : found.sizes) if (d < 1) throw bad(tensor, "shape " + Arrays.toString(stored.shape()));
            if (found.sizes.length > 0 && found.sizes[0] % dtype.block() != 0)
                throw bad(tensor, "rows of " + found.sizes[0] + " elements, expected whole blocks of " + dtype.block());
            if (found.offset < 0 || size > file.size() - dataStart || found.offset > file.size() - dataStart - size) {
                throw bad(
                        tensor,
                        size + " bytes of data at " + Long.toUnsignedString(found.offset) + ", outside the "
                                + Math.max(0, file.size() - dataStart) + " that there are");
            }
            long[] original = header.shapeOf(tensor);
            TensorInfo info = original == null ? unfolded(stored, described) : new TensorInfo(tensor, dtype, original);
            if (info.elements() != elements) {
                throw bad(
                        tensor,
                        "shape " + Arrays.toString(stored.shape()) + " of another size than its original one, "
                                + Arrays.toString(info.shape()));
            }
            tensors.put(tensor, info);
            views.put(tensor, new TensorView(info, file, dataStart + found.offset, ByteOrder.LITTLE_ENDIAN));
        } catch (ArithmeticException e) {
            throw bad(tensor, "a size that overflows");
        }
    }

    /** Restores five dimensions where there are four and the first is a multiple of the size of the bias. */
    private static TensorInfo unfolded(TensorInfo info, Map<String, Described> described) {
        long[] shape = info.shape();
        if (shape.length != 4 || !info.name().endsWith(".weight")) return info;
        Described bias = described.get(info.name().substring(0, info.name().length() - "weight".length()) + "bias");
        if (bias == null || bias.sizes.length != 1 || bias.sizes[0] < 1) return info;
        long outputs = bias.sizes[0];
        if (shape[0] == outputs || shape[0] % outputs != 0) return info;
        return new TensorInfo(
                info.name(), info.dtype(), new long[] {outputs, shape[0] / outputs, shape[1], shape[2], shape[3]});
    }

    private static long[] reversed(long[] sizes) {
        long[] shape = new long[sizes.length];
        for (int d = 0; d < shape.length; d++) shape[d] = sizes[shape.length - 1 - d];
        return shape;
    }

    private FormatException bad(String tensor, String found) {
        return new FormatException(name() + ": tensor " + FormatException.quote(tensor) + " has " + found);
    }

    @Override
    public void requireDisjoint(Collection<String> names) throws FormatException {
        TensorView.requireDisjoint(names, views, name());
    }
}
