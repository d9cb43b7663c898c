package wanvae.latent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wanvae.latent.LatentRequest.Meaning;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStream;

/**
 * Latents out of a file, and how it was read where it could be read in more than one way.
 *
 * <p><b>The tensor</b> is {@code latents}, else {@code latent_tensor} or {@code samples} (ComfyUI's), {@code latent} or
 * {@code z}, also within lists and dicts ({@code latents.samples}), else the only one, else the only one whose shape
 * fits the VAE.
 *
 * <p><b>The axes</b> are {@code [B][C][F][H][W]}, {@code [B][F][C][H][W]}, {@code [B][F][H][W][C]}, {@code
 * [C][F][H][W]}, {@code [B][C][H][W]} (pictures), {@code [F][C][H][W]}, the same with channels last, {@code [C][H][W]},
 * {@code [H][W][C]}: the one that has the VAE's channels in their place. Where several do, the correlation of
 * neighbours along the axes decides; where it does not, the first of these is taken. Packed latents of Qwen-Image,
 * {@code [B][H/2 * W/2][4 * C]}, need the picture's size.
 *
 * <p><b>The values</b> are taken to be normalised, except in ComfyUI's files. Its own nodes store raw latents, others
 * store normalised ones under the same names, so each channel's mean and deviation decide.
 *
 * @param latents {@code [B][C][F][H][W]}
 * @param tensor  name of the tensor
 * @param notes   what was taken where another reading was possible, each a sentence without its period; empty where
 *                nothing had to be chosen
 */
public record LatentReading(Latents latents, String tensor, List<Note> notes) {
    /** What a note is about: what to say in a {@link LatentRequest} for another reading. */
    public enum Choice {
        /** {@link LatentRequest#key}. */
        KEY,
        /** {@link LatentRequest#axes}. */
        AXES,
        /** {@link LatentRequest#meaning}. */
        MEANING
    }

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    /**
     * A reading that was taken.
     *
     * @param choice what to say in a {@link LatentRequest} for another
     * @param text   a sentence without its period, which names the file
     */
    public record Note(Choice choice, String text) {}

    /** Copies the list. */
    public LatentReading {
        notes = List.copyOf(notes);
    }

    /**
     * Reads latents out of a .safetensors, .latent, .npy, .npz, .gguf, .pt, .pth or .bin file, or a pipe or device,
     * which is read as a stream is.
     *
     * @throws FormatException if the file is damaged, lacks the tensor, or the tensor is not of a shape that latents
     *         have, in one sentence
     * @throws IOException if it cannot be read
     */
    public static LatentReading of(Path file, LatentRequest request) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) { // a pipe
            try (InputStream in = Files.newInputStream(file)) {
                return of(in, request, file.toString(), TEMPORARY);
            }
        }
        try (TensorFile tensors = TensorFile.open(file)) {
            return of(tensors, request);
        }
    }

    /**
     * As {@link #of(Path, LatentRequest)}, from a stream, read to its end by way of a temporary file: at most {@link
     * TensorStream#MOST_BYTES}, and nothing if its first bytes begin no file of latents.
     *
     * @param name               what messages call the stream
     * @param temporaryDirectory where the file lies until this returns; it is as large as the stream is long
     */
    public static LatentReading of(InputStream in, LatentRequest request, String name, Path temporaryDirectory)
            throws IOException {
        Path spool = Files.createTempFile(temporaryDirectory, "wanvae-latents-", ".tmp");
        try {
            TensorStream.copy(in, spool, name);
            try (TensorFile tensors = TensorFile.open(spool, name)) {
                return of(tensors, request);
            }
        } finally {
            Files.delete(spool);
        }
    }

    /** As {@link #of(Path, LatentRequest)}, from an open file, which stays the caller's. */
    public static LatentReading of(TensorFile file, LatentRequest request) throws IOException {
        var notes = new ArrayList<Note>();
        LatentTensor tensor = LatentTensor.of(file, request);
        TensorChoice choice = tensor.choice();
        if (choice.note() != null) notes.add(new Note(Choice.KEY, file.name() + ": " + choice.note()));
        Latents read = order(file, tensor, notes);
        LatentSpace space = tensor.space();
        if (request.meaning() == Meaning.RAW) read = read.raw();
        if (request.meaning() == Meaning.UNKNOWN && space != null) read = meaning(read, space, choice.isComfy(), notes);
        return new LatentReading(read, choice.info().name(), notes);
    }

    /**
     * The shapes that the latents of a file may have, the likeliest first, by its description alone: one, unless its
     * values have to decide the order of the axes.
     *
     * @throws FormatException as {@link #of(TensorFile, LatentRequest)} does, where no values are needed to refuse
     */
    public static List<LatentShape> shapes(TensorFile file, LatentRequest request) throws FormatException {
        return LatentTensor.of(file, request).shapes();
    }

    /** Reads the tensor and brings its axes into the standard order. */
    private static Latents order(TensorFile file, LatentTensor tensor, List<Note> notes) throws IOException {
        long[] sizes = tensor.info().shape();
        MemorySegment values = read(file, tensor.info());
        PackedLatents packed = tensor.packed();
        if (packed != null) {
            notes.add(new Note(Choice.AXES, file.name() + ": " + packed.note()));
            return latents(packed.shape(), Permutation.of(values, packed.sizes(), PackedLatents.ORDER), file);
        }
        LatentAxes axes = tensor.orders().getFirst();
        if (tensor.guess()) {
            AxisOrder order = AxisOrder.choose(
                    tensor.orders(), values, sizes, tensor.space().channels());
            axes = order.axes();
            if (order.note() != null) notes.add(new Note(Choice.AXES, file.name() + ": " + order.note()));
        }
        return latents(axes.shape(sizes), Permutation.of(values, sizes, axes.toStandard()), file);
    }

    private static Latents latents(LatentShape shape, MemorySegment values, TensorFile file) {
        return Latents.read(shape, values, file.name());
    }

    private static MemorySegment read(TensorFile file, TensorInfo info) throws IOException {
        MemorySegment values;
        try {
            values = Arena.ofAuto().allocate(4 * info.elements(), 64);
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    file.name() + ": latents of shape " + Arrays.toString(info.shape()) + " take " + 4 * info.elements()
                            + " bytes, more than there is",
                    e);
        }
        file.read(info.name(), values);
        return values;
    }

    /** Tells raw latents from normalised ones in ComfyUI's files, and notes where latents of other files look raw. */
    private static Latents meaning(Latents read, LatentSpace space, boolean comfy, List<Note> notes) {
        LatentStatistics.Distances distances = LatentStatistics.distances(read.values(), read.shape(), space);
        boolean raw = distances.raw() < distances.normalized();
        if (comfy) {
            notes.add(new Note(
                    Choice.MEANING,
                    read.name() + ": read as "
                            + (raw ? "raw latents, not normalised ones" : "normalised latents, not raw ones")
                            + ", since each channel's mean and deviation are nearer to theirs"));
            return raw ? read.raw() : read;
        }
        boolean plain = distances.raw() < distances.normalized() / 2
                && distances.normalized() > read.shape().channels() / 4.0;
        if (plain)
            notes.add(new Note(
                    Choice.MEANING,
                    read.name()
                            + ": read as normalised latents, though each channel's mean and deviation are nearer to "
                            + "those of raw ones"));
        return read;
    }
}
