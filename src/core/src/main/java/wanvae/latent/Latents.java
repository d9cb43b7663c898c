package wanvae.latent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/**
 * Latents in memory: float32, contiguous, {@code [B][C][F][H][W]}.
 *
 * @param shape      the five sizes; rank-4 input is a batch of one
 * @param values     {@code 4 * B*C*F*H*W} bytes, kept alive by the garbage collector ({@code Arena.ofAuto} or a heap
 *                   array)
 * @param normalized true: as a pipeline's {@code output_type="latent"} gives them, the decoder denormalises; false:
 *                   what {@code vae.decode} receives
 * @param name       where they came from, for messages
 */
public record Latents(LatentShape shape, MemorySegment values, boolean normalized, String name) {
    /** The tensor's name in a file of several, unless the caller says another. */
    private static final String DEFAULT_KEY = "latents";

    /**
     * Reads the tensor {@code latents}, else the only tensor, of a .safetensors, .npy, .pt or .pth file, as normalised
     * latents.
     */
    public static Latents read(Path file) throws IOException {
        return read(file, null);
    }

    /**
     * As {@link #read(Path)}, but the tensor named {@code key}; null chooses as {@link #read(Path)} does.
     *
     * @throws FormatException if the file is damaged, lacks the tensor, or the tensor is not of rank 4 or 5, in one
     *         sentence
     * @throws IOException if it cannot be read
     */
    public static Latents read(Path file, String key) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) { // a pipe
            try (InputStream in = Files.newInputStream(file)) {
                return read(in, key, file.toString());
            }
        }
        try (TensorFile tensors = TensorFile.open(file)) {
            return read(tensors, key);
        }
    }

    /**
     * As {@link #read(Path, String)}, from a stream of the same formats, read to its end by way of a temporary file.
     *
     * @param key  the tensor, or null
     * @param name what messages call the stream
     */
    public static Latents read(InputStream in, String key, String name) throws IOException {
        Path spool = Files.createTempFile("wanvae-latents-", ".tmp");
        try {
            Files.copy(in, spool, StandardCopyOption.REPLACE_EXISTING);
            try (TensorFile tensors = TensorFile.open(spool, name)) {
                return read(tensors, key);
            }
        } finally {
            Files.delete(spool);
        }
    }

    private static Latents read(TensorFile file, String key) throws IOException {
        TensorInfo info = choose(file, key);
        LatentShape shape = shape(file, info);
        MemorySegment values;
        try {
            values = Arena.ofAuto().allocate(4 * info.elements(), 64);
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    file.name() + ": latents of shape " + shape + " take " + 4 * info.elements()
                            + " bytes, more than there is",
                    e);
        }
        file.read(info.name(), values);
        return new Latents(shape, values, true, file.name());
    }

    private static TensorInfo choose(TensorFile file, String key) throws FormatException {
        if (key != null) return file.require(key);
        if (file.tensors().containsKey(DEFAULT_KEY) || file.unreadable().containsKey(DEFAULT_KEY))
            return file.require(DEFAULT_KEY);
        if (file.tensors().size() == 1)
            return file.tensors().values().iterator().next();
        if (file.tensors().isEmpty() && file.unreadable().size() == 1)
            return file.require(file.unreadable().keySet().iterator().next());
        if (file.tensors().isEmpty()) throw new FormatException(file.name() + ": holds no floating-point tensor");
        throw new FormatException(
                file.name() + ": holds no tensor \"" + DEFAULT_KEY + "\" but several others, choose one by its key: "
                        + FormatException.quote(file.tensors().keySet()));
    }

    private static LatentShape shape(TensorFile file, TensorInfo info) throws FormatException {
        long[] d = info.shape();
        if (d.length != 4 && d.length != 5) {
            throw new FormatException(
                    file.name() + ": tensor " + FormatException.quote(info.name()) + " has shape " + Arrays.toString(d)
                            + ", expected [batch, channels, frames, height, width] or the last four of these");
        }
        for (long size : d) {
            if (size < 1 || size > Integer.MAX_VALUE) {
                throw new FormatException(file.name() + ": tensor " + FormatException.quote(info.name()) + " has shape "
                        + Arrays.toString(d) + ", expected every size to be at least 1");
            }
        }
        int k = d.length - 4;
        return new LatentShape(k == 0 ? 1 : (int) d[0], (int) d[k], (int) d[k + 1], (int) d[k + 2], (int) d[k + 3]);
    }

    /** The same values taken as what {@code vae.decode} receives: no denormalisation. */
    public Latents raw() {
        return new Latents(shape, values, false, name);
    }

    /** Position in C order of the first value that is NaN or infinite, -1 if all are finite. */
    public long firstNonfinite() {
        for (long i = 0, n = values.byteSize() / 4; i < n; i++) {
            if (!Float.isFinite(values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i))) return i;
        }
        return -1;
    }
}
