package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * Named tensors in a file, read one by one: opening reads and checks the description only, never the values.
 * Safe from several threads.
 */
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, NpyFile, TorchFile {
    /** What messages call the file. */
    String name();

    /** The floating-point tensors by name, in the file's order. */
    Map<String, TensorInfo> tensors();

    /** Tensors of types we do not read, by name: what the file calls their type. */
    default Map<String, String> unreadable() {
        return Map.of();
    }

    /**
     * Reads a tensor, widened to float32 in C order.
     *
     * @param target exactly {@code 4 * elements} bytes, owned by the caller
     * @throws IllegalArgumentException if {@code target} has another size
     * @throws FormatException if the file has no such tensor, or was cut meanwhile
     */
    void read(String tensor, MemorySegment target) throws IOException;

    /**
     * Reads a run of a tensor's elements in C order, widened to float32.
     *
     * @param first  of the elements, in C order
     * @param target 4 bytes for each element, owned by the caller
     * @throws IllegalArgumentException if the run is not inside the tensor
     * @throws FormatException if the file has no such tensor, holds it in another order than C's, or was cut meanwhile
     */
    void read(String tensor, long first, MemorySegment target) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Opens a .safetensors, .npy, .pt or .pth file, told apart by its first bytes.
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
            byte[] start = bytes.read(0, (int) Math.min(bytes.size(), 9)).array();
            if (NpyFile.begins(start)) return new NpyFile(bytes);
            if (TorchFile.begins(start)) return new TorchFile(bytes);
            if (TorchFile.beginsLegacy(start)) {
                throw new FormatException(name
                        + ": a torch file from before version 1.6, expected the zip archive torch.save writes since");
            }
            return new SafetensorsFile(bytes);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * The description of a tensor. @throws FormatException if the file lacks it or holds it in a type we do not read
     */
    default TensorInfo require(String tensor) throws FormatException {
        TensorInfo info = tensors().get(tensor);
        if (info != null) return info;
        String type = unreadable().get(tensor);
        if (type != null) {
            throw new FormatException(name() + ": tensor " + FormatException.quote(tensor) + " has type "
                    + FormatException.quote(type) + ", expected F32, F16, BF16 or F64");
        }
        throw new FormatException(name() + ": has no tensor " + FormatException.quote(tensor)
                + (tensors().isEmpty()
                        ? ", nor any other we can read"
                        : ", it has " + FormatException.quote(tensors().keySet())));
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
