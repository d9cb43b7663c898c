package wanvae.latent;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import wanvae.runtime.PendingFile;
import wanvae.tensorfile.DType;

/**
 * Writes latents as the tensor {@code latents}, {@code [B][C][F][H][W]}, of a .safetensors file; as {@code
 * torch.save({"latents": …})} writes it to a .pt or .pth file; or as the array of a .npy file. {@link LatentReading}
 * reads them all. A file appears under its name when it is complete.
 */
public final class LatentWriting {
    private static final String KEY = "latents";
    private static final int PART = 1 << 18;

    /** Data in torch's archives begins at multiples of this. */
    private static final int TORCH_ALIGNMENT = 64;

    private LatentWriting() {}

    private enum Kind {
        SAFETENSORS,
        NPY,
        TORCH
    }

    /**
     * Checks that a file of this name can hold latents of this type.
     *
     * @throws IllegalArgumentException if the ending is none of those above, or the format has no such numbers
     */
    public static void check(Path file, DType dtype) {
        kind(file, dtype);
    }

    private static Kind kind(Path file, DType dtype) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        Kind kind = name.endsWith(".safetensors")
                ? Kind.SAFETENSORS
                : name.endsWith(".npy") ? Kind.NPY : name.endsWith(".pt") || name.endsWith(".pth") ? Kind.TORCH : null;
        if (kind == null)
            throw new IllegalArgumentException(
                    "latents are written to .safetensors, .npy or .pt, and " + file + " ends otherwise");
        if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16)
            throw new IllegalArgumentException("latents are written as F32, F16 or BF16, not as " + dtype);
        if (kind == Kind.NPY && dtype == DType.BF16)
            throw new IllegalArgumentException("a .npy has no BF16: write F32 or F16, or a .safetensors");
        return kind;
    }

    /**
     * Writes latents.
     *
     * @param dtype    F32, F16 or BF16, rounded to nearest
     * @param replaces whether a file of this name is replaced; otherwise it is refused
     * @throws IllegalArgumentException as {@link #check}
     * @throws IOException in one sentence if it cannot be written
     */
    public static void write(Latents latents, Path file, DType dtype, boolean replaces) throws IOException {
        Kind kind = kind(file, dtype);
        try (PendingFile pending = create(file, replaces)) {
            long bytes = dtype.bytes(latents.shape().elements());
            switch (kind) {
                case SAFETENSORS -> {
                    pending.stream().write(safetensorsHeader(latents.shape(), dtype, bytes));
                    values(latents, dtype, pending.stream());
                }
                case NPY -> {
                    pending.stream().write(npyHeader(latents.shape(), dtype));
                    values(latents, dtype, pending.stream());
                }
                case TORCH -> torch(latents, dtype, bytes, pending.stream());
            }
            pending.commit();
        }
    }

    /**
     * Checks that a file can be written under this name, before a video is encoded in vain. Leaves nothing behind.
     *
     * @param replaces whether a file of this name is replaced; otherwise it is refused
     * @throws IOException in one sentence if it cannot
     */
    public static void requirePlace(Path file, boolean replaces) throws IOException {
        create(file, replaces).close();
    }

    private static PendingFile create(Path file, boolean replaces) throws IOException {
        return PendingFile.create(file, replaces ? PendingFile.Existing.REPLACE_WRITABLE : PendingFile.Existing.REFUSE);
    }

    private static void values(Latents latents, DType dtype, OutputStream out) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long all = latents.shape().elements();
            MemorySegment narrowed = arena.allocate(4L * PART);
            byte[] part = new byte[4 * PART];
            for (long first = 0; first < all; first += PART) {
                int count = (int) Math.min(PART, all - first), bytes = (int) dtype.bytes(count);
                dtype.narrow(latents.values().asSlice(4 * first, 4L * count), narrowed, count);
                MemorySegment.copy(narrowed, 0, MemorySegment.ofArray(part), 0, bytes);
                out.write(part, 0, bytes);
            }
        }
    }

    private static String sizes(LatentShape s) {
        return s.batch() + ", " + s.channels() + ", " + s.frames() + ", " + s.height() + ", " + s.width();
    }

    private static byte[] safetensorsHeader(LatentShape shape, DType dtype, long bytes) {
        String json = "{\"" + KEY + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + sizes(shape)
                + "],\"data_offsets\":[0," + bytes + "]}}";
        byte[] text = (json + " ".repeat(Math.floorMod(-json.length(), 8))).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    private static byte[] npyHeader(LatentShape shape, DType dtype) {
        String dictionary = "{'descr': '" + (dtype == DType.F16 ? "<f2" : "<f4")
                + "', 'fortran_order': False, 'shape': (" + sizes(shape) + "), }";
        // Magic, version and length take 10 bytes; values begin at a multiple of 64 behind spaces and a newline.
        String padded = dictionary + " ".repeat(63 - (10 + dictionary.length()) % 64) + "\n";
        return ByteBuffer.allocate(10 + padded.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    /** A zip archive of stored entries, as PyTorch has written it since version 1.6. */
    private static void torch(Latents latents, DType dtype, long bytes, OutputStream out) throws IOException {
        CRC32 sum = new CRC32();
        values(latents, dtype, new CheckedOutputStream(OutputStream.nullOutputStream(), sum));
        Counting counting = new Counting(out);
        ZipOutputStream zip = new ZipOutputStream(counting);
        text(zip, counting, "data.pkl", TensorPickle.of(KEY, latents.shape(), dtype));
        text(zip, counting, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        entry(zip, counting, "data/0", bytes, sum.getValue());
        values(latents, dtype, zip);
        zip.closeEntry();
        text(zip, counting, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        zip.finish();
    }

    private static void text(ZipOutputStream zip, Counting out, String name, byte[] content) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(content);
        entry(zip, out, name, content.length, sum.getValue());
        zip.write(content);
        zip.closeEntry();
    }

    private static void entry(ZipOutputStream zip, Counting out, String name, long bytes, long sum) throws IOException {
        ZipEntry entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes);
        entry.setCrc(sum);
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0)); // with another one Java adds a field
        zip.flush();
        // A local header of 30 bytes, the name, and an extra field of 4 bytes and padding.
        long begins = out.count + 30 + entry.getName().length() + 4;
        byte[] extra = new byte[4 + Math.floorMod(-begins, TORCH_ALIGNMENT)];
        ByteBuffer.wrap(extra)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'F')
                .put((byte) 'B')
                .putShort((short) (extra.length - 4));
        entry.setExtra(extra);
        zip.putNextEntry(entry);
    }

    private static final class Counting extends FilterOutputStream {
        private long count;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }
}
