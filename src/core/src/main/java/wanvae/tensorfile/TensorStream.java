package wanvae.tensorfile;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tensor files that come as streams, from a pipe or a device, which need not end. */
public final class TensorStream {
    /** The most bytes that are copied, 16 GiB: the float32 latents of an hour of 1280x720 pixels take less. */
    public static final long MOST_BYTES = 1L << 34;

    private static final int PART = 1 << 16;

    private TensorStream() {}

    /**
     * Copies a stream to its end into a file, where {@link TensorFile#open(Path, String)} can read it. A stream whose
     * first bytes begin no tensor file is refused before anything is copied.
     *
     * @param in   stays the caller's to close
     * @param file is created, or replaced
     * @param name what messages call the stream
     * @throws FormatException if the stream is no tensor file by its first bytes, or has more than {@link #MOST_BYTES}
     */
    public static void copy(InputStream in, Path file, String name) throws IOException {
        copy(in, file, name, MOST_BYTES);
    }

    static void copy(InputStream in, Path file, String name, long most) throws IOException {
        byte[] part = in.readNBytes(ForeignFile.LONGEST_START);
        TensorFile.requireBegins(part, name);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(part);
            long size = part.length;
            part = new byte[PART];
            for (int n; (n = in.read(part)) >= 0; size += n) {
                if (n > most - size)
                    throw new FormatException(
                            name + ": has more than " + most + " bytes, the most that is read from a pipe or device");
                out.write(part, 0, n);
            }
        }
    }
}
