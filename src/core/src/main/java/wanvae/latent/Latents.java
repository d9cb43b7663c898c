package wanvae.latent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Latents in memory: float32, contiguous, {@code [B][C][F][H][W]}. Immutable, so safe for many decodes at once; the
 * memory is the latents' own, off the heap, and freed by the garbage collector.
 *
 * <p>They are read from a file or stream ({@link #read}), or copied from memory of the caller's ({@link #of}), which is
 * not used afterwards. Either way they count as normalised, as a pipeline gives them with {@code output_type="latent"}:
 * the decoder scales and shifts them first. {@link #raw} takes them as what {@code vae.decode} receives.
 */
public final class Latents {
    /** Bytes that are copied from a buffer at a time. */
    private static final long PART = 1 << 30;

    private final LatentShape shape;
    private final MemorySegment values;
    private final boolean normalized;
    private final String name;

    /** @param values of the right size, of an automatic arena, read-only */
    private Latents(LatentShape shape, MemorySegment values, boolean normalized, String name) {
        this.shape = shape;
        this.values = values;
        this.normalized = normalized;
        this.name = name;
    }

    /**
     * A copy of an array.
     *
     * @param values {@code [B][C][F][H][W]}, exactly as many as the shape has
     * @throws IllegalArgumentException if there are more or fewer
     * @throws OutOfMemoryError if there is no memory for the copy
     */
    public static Latents of(LatentShape shape, float[] values) {
        return of(shape, MemorySegment.ofArray(values));
    }

    /**
     * A copy of what remains in a buffer of any kind and byte order; its position stays.
     *
     * @param values {@code [B][C][F][H][W]}, exactly as many as the shape has
     * @throws IllegalArgumentException if there are more or fewer
     * @throws OutOfMemoryError if there is no memory for the copy
     */
    public static Latents of(LatentShape shape, FloatBuffer values) {
        return copy(shape, 4L * values.remaining(), target -> {
            // A byte buffer has room for a quarter of what a float buffer may hold.
            for (long done = 0; done < target.byteSize(); done += PART) {
                long bytes = Math.min(PART, target.byteSize() - done);
                target.asSlice(done, bytes)
                        .asByteBuffer()
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .put(values.slice(values.position() + (int) (done / 4), (int) (bytes / 4)));
            }
        });
    }

    /**
     * A copy of a memory segment, on the heap or off it, at any alignment.
     *
     * @param values float32 {@code [B][C][F][H][W]} in native byte order, exactly {@code 4·B·C·F·H·W} bytes, accessible
     *               by this thread
     * @throws IllegalArgumentException if it has another size, was freed, or is confined to another thread
     * @throws OutOfMemoryError if there is no memory for the copy
     */
    public static Latents of(LatentShape shape, MemorySegment values) {
        return copy(shape, values.byteSize(), target -> target.copyFrom(values));
    }

    private static Latents copy(LatentShape shape, long bytes, Consumer<MemorySegment> copying) {
        if (bytes != 4 * shape.elements())
            throw new IllegalArgumentException("Latents of " + shape + " are " + shape.elements()
                    + " values of 4 bytes, not " + bytes + " bytes.");
        MemorySegment values = allocate(shape);
        try {
            copying.accept(values);
        } catch (WrongThreadException e) {
            throw new IllegalArgumentException("The memory of the latents is confined to another thread.", e);
        } catch (IllegalStateException e) { // before, or by another thread meanwhile
            throw new IllegalArgumentException("The memory of the latents was freed.", e);
        }
        return new Latents(shape, values.asReadOnly(), true, "latents");
    }

    private static MemorySegment allocate(LatentShape shape) {
        return Arena.ofAuto().allocate(4 * shape.elements(), 64);
    }

    /**
     * Latents that were read.
     *
     * @param values of the right size, in an automatic arena; owned by the latents from now on
     * @param name   where they came from, for messages
     */
    static Latents read(LatentShape shape, MemorySegment values, String name) {
        return new Latents(shape, values.asReadOnly(), true, name);
    }

    /**
     * Reads the tensor {@code latents}, else the only tensor, of a .safetensors, .npy, .npz, .pt or .pth file, as
     * {@code [B][C][F][H][W]} or {@code [C][F][H][W]}. {@link LatentReading} reads files of other kinds and orders.
     *
     * @throws wanvae.tensorfile.FormatException if the file is damaged, lacks the tensor, or the tensor is not of rank
     *         4 or 5, in one sentence
     * @throws IOException if it cannot be read, or memory does not suffice
     */
    public static Latents read(Path file) throws IOException {
        return LatentReading.of(file, LatentRequest.DEFAULT).latents();
    }

    /** As {@link #read(Path)}, but the tensor named {@code key}. */
    public static Latents read(Path file, String key) throws IOException {
        return LatentReading.of(file, LatentRequest.DEFAULT.withKey(key)).latents();
    }

    /**
     * As {@link #read(Path)}, from a stream of the same formats, which is read to its end by way of a temporary file.
     *
     * @param key                the tensor; empty: {@code latents}, else the only one
     * @param name               what messages call the stream
     * @param temporaryDirectory where the file lies until this returns; it is as large as the stream is long
     */
    public static Latents read(InputStream in, Optional<String> key, String name, Path temporaryDirectory)
            throws IOException {
        LatentRequest request = key.map(LatentRequest.DEFAULT::withKey).orElse(LatentRequest.DEFAULT);
        return LatentReading.of(in, request, name, temporaryDirectory).latents();
    }

    /** The five sizes. */
    public LatentShape shape() {
        return shape;
    }

    /**
     * All values, {@code [B][C][F][H][W]} float32 in native byte order, read-only; valid as long as the segment is
     * reachable.
     */
    public MemorySegment values() {
        return values;
    }

    /** Whether the decoder scales and shifts them first. */
    public boolean normalized() {
        return normalized;
    }

    /** Where they came from, for messages. */
    public String name() {
        return name;
    }

    /** The same values taken as what {@code vae.decode} receives: neither scaled nor shifted. */
    public Latents raw() {
        return new Latents(shape, values, false, name);
    }

    /**
     * A copy of some frames.
     *
     * @param from the first one, counted from 0
     * @param to   the one after the last one
     * @throws IllegalArgumentException if there are no such frames, or none are asked for
     */
    public Latents frames(int from, int to) {
        if (from < 0 || from >= to || to > shape.frames())
            throw new IllegalArgumentException(name + " has " + shape.frames() + " latent frames, and " + from + ":"
                    + to + " is none or more of them.");
        LatentShape some = new LatentShape(shape.batch(), shape.channels(), to - from, shape.height(), shape.width());
        MemorySegment copy = allocate(some);
        long frame = 4L * shape.height() * shape.width(), run = (to - from) * frame;
        for (long i = 0; i < (long) shape.batch() * shape.channels(); i++)
            MemorySegment.copy(values, (i * shape.frames() + from) * frame, copy, i * run, run);
        return new Latents(some, copy.asReadOnly(), normalized, name);
    }

    /** The same values under another name, for messages. */
    public Latents withName(String name) {
        return new Latents(shape, values, normalized, Objects.requireNonNull(name));
    }

    /** Name and shape. */
    @Override
    public String toString() {
        return name + " " + shape;
    }

    /** Position in C order of the first value that is NaN or infinite; empty if all are finite. */
    public OptionalLong firstNonfinite() {
        float[] chunk = new float[1 << 14]; // code that is not compiled yet reads it much faster than a segment
        for (long from = 0, n = values.byteSize() / 4; from < n; from += chunk.length) {
            int count = (int) Math.min(chunk.length, n - from);
            MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * from, chunk, 0, count);
            for (int i = 0; i < count; i++) if (!Float.isFinite(chunk[i])) return OptionalLong.of(from + i);
        }
        return OptionalLong.empty();
    }
}
