package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

/**
 * Named tensors in a file, read one by one: opening reads and checks the description only, never the values.
 * Safe from several threads.
 */
public sealed interface TensorFile extends AutoCloseable permits ViewedFile, ScaledFile {
    /** What messages call the file. */
    String name();

    /** The floating-point tensors by name, in the file's order. */
    Map<String, TensorInfo> tensors();

    /** The tensors of unsigned integers, {@link DType#U8} and {@link DType#U16}, by name: frames, not latents. */
    default Map<String, TensorInfo> integers() {
        return Map.of();
    }

    /** Tensors of types that are not read, by name: what the file calls their type. */
    default Map<String, String> unreadable() {
        return Map.of();
    }

    /**
     * Reads a tensor, of floating-point numbers or of integers, widened to float32 in C order.
     *
     * @param target exactly {@code 4 * elements} bytes, owned by the caller
     * @throws IllegalArgumentException if {@code target} has another size
     * @throws FormatException if the file has no such tensor, or was truncated meanwhile
     */
    void read(String tensor, MemorySegment target) throws IOException;

    /**
     * Reads a run of a tensor's elements in C order, widened to float32. Where the file holds them in another order,
     * the first run reads the whole tensor into memory, where it stays as long as this object is reachable.
     *
     * @param first  index of the first element, in C order
     * @param target 4 bytes for each element, owned by the caller
     * @throws IllegalArgumentException if the run is not inside the tensor
     * @throws FormatException if the file has no such tensor, or was truncated meanwhile
     */
    void read(String tensor, long first, MemorySegment target) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Refuses tensors that share elements: a checkpoint of some thousand bytes could otherwise describe weights of any
     * size.
     *
     * @throws FormatException naming two that do
     */
    default void requireDisjoint(Collection<String> names) throws FormatException {}

    /**
     * Opens a .safetensors, .npy, .npz, .gguf or torch (.pt, .pth, .bin) file, told apart by its first bytes.
     *
     * @throws FormatException if it is none of them, or a damaged one
     */
    static TensorFile open(Path file) throws IOException {
        return open(file, file.toString());
    }

    /** As {@link #open(Path)}; messages call the file {@code name}. */
    static TensorFile open(Path file, String name) throws IOException {
        FileBytes bytes = FileBytes.open(file, name);
        try {
            return ScaledFile.of(open(bytes));
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * Opens a file that is the elements of one tensor and nothing else, little-endian in C order, as they come over a
     * network. The tensor is named "array".
     *
     * @param name  what messages call the file
     * @param dtype type of the elements
     * @param shape outermost dimension first
     * @throws FormatException if the file has another size than such a tensor
     */
    static TensorFile raw(Path file, String name, DType dtype, long... shape) throws IOException {
        FileBytes bytes = FileBytes.open(file, name);
        try {
            return new RawFile(bytes, dtype, shape);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private static TensorFile open(FileBytes bytes) throws IOException {
        byte[] start = bytes.read(0, (int) Math.min(bytes.size(), ForeignFile.LONGEST_START))
                .array();
        if (NpyArray.begins(start)) return new NpyFile(bytes);
        if (GgufFile.begins(start)) return new GgufFile(bytes);
        if (LegacyTorch.begins(start)) return new TorchFile(LegacyTorch.read(bytes), bytes);
        if (ZipDirectory.begins(start)) {
            Map<String, ZipDirectory.Entry> entries = ZipDirectory.read(bytes);
            return NpzFile.isOne(entries)
                    ? new NpzFile(bytes, entries)
                    : new TorchFile(TorchArchive.read(bytes, entries), bytes);
        }
        ForeignFile.refuse(start, bytes.name());
        return new SafetensorsFile(bytes);
    }

    /**
     * Refuses what cannot be a file that {@link #open(Path)} reads, whatever follows.
     *
     * @param start the first {@link ForeignFile#LONGEST_START} bytes, or all there are
     * @param name  what messages call the file
     */
    static void requireBegins(byte[] start, String name) throws FormatException {
        if (NpyArray.begins(start) || GgufFile.begins(start) || LegacyTorch.begins(start) || ZipDirectory.begins(start))
            return;
        ForeignFile.refuse(start, name);
        SafetensorsFile.requireBegins(start, name);
    }

    /**
     * The description of a tensor of floating-point numbers.
     *
     * @throws FormatException if the file lacks it or holds it in a type that is not read
     */
    default TensorInfo require(String tensor) throws FormatException {
        TensorInfo info = tensors().get(tensor);
        if (info != null) return info;
        TensorInfo integers = integers().get(tensor);
        String type = integers != null ? integers.dtype().name() : unreadable().get(tensor);
        if (type != null) {
            throw new FormatException(name() + ": tensor " + FormatException.quote(tensor) + " has type "
                    + FormatException.quote(type) + ", expected F32, F16, BF16, F64, F8_E4M3 or F8_E5M2");
        }
        throw new FormatException(name() + ": has no tensor " + FormatException.quote(tensor)
                + (tensors().isEmpty()
                        ? ", nor any other we can read"
                        : ", it has " + FormatException.quote(tensors().keySet())));
    }

    /** As {@link #require}, but integers will do. */
    default TensorInfo requireAny(String tensor) throws FormatException {
        TensorInfo info = integers().get(tensor);
        return info != null ? info : require(tensor);
    }

    /** Refuses a run that is not inside the tensor. */
    static void requireRun(TensorInfo info, long first, MemorySegment target) {
        if (first < 0 || target.byteSize() % 4 != 0 || first > info.elements() - target.byteSize() / 4) {
            throw new IllegalArgumentException(
                    target.byteSize() + " bytes of float32 from element " + first + " on are not inside " + info);
        }
    }

    /** Refuses a target that does not have the size of the tensor. */
    static void requireSize(TensorInfo info, MemorySegment target) {
        if (target.byteSize() != 4 * info.elements()) {
            throw new IllegalArgumentException(
                    info + " takes " + 4 * info.elements() + " bytes as float32, not " + target.byteSize());
        }
    }
}
