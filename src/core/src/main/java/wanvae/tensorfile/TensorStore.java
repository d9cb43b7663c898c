package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Named tensors that are read one by one, from wherever they are kept. Safe from several threads. */
public interface TensorStore {
    /** The file or folder that the tensors are from, for messages. */
    Path path();

    /** The tensors by name, in a fixed order; unmodifiable. */
    Map<String, TensorInfo> tensors();

    /**
     * Reads a tensor, widened to float32 in C order, into {@code target}.
     *
     * @param target exactly {@code 4 * elements} bytes, owned by the caller
     * @throws IllegalArgumentException if there is no such tensor or {@code target} has another size
     * @throws IOException if the file cannot be read, or its checksum (.wanvae) does not match
     */
    void read(String name, MemorySegment target) throws IOException;

    /**
     * Maps a tensor where it lies in its file, so that it takes no memory of its own; checked as {@link #read} checks
     * it. The map outlives this store. If the file is truncated later, a read of the map throws {@link InternalError}.
     * This holds only for reads of single values; vector code would end the process.
     *
     * @param arena owner of the map
     * @return float32 in C order and native byte order, read-only; empty where the file does not hold the tensor in
     *         this form
     * @throws IOException as in {@link #read}
     */
    default Optional<MemorySegment> map(String name, Arena arena) throws IOException {
        return Optional.empty();
    }
}
