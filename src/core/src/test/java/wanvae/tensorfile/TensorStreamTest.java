package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.latent.Latents;

class TensorStreamTest {
    private static final String NPY = "\u0093NUMPY\u0001\u0000";

    @TempDir
    Path folder;

    /** Some bytes and then zeros without end, of which no more than a limit may be read. */
    private static final class Endless extends InputStream {
        private final byte[] start;
        private final long limit;
        long read;

        Endless(String start, long limit) {
            this.start = start.getBytes(StandardCharsets.ISO_8859_1);
            this.limit = limit;
        }

        @Override
        public int read() {
            assertTrue(read < limit, "read on");
            long at = read++;
            return at < start.length ? start[(int) at] & 0xff : 0;
        }
    }

    @Test
    void whatBeginsNoTensorFileIsNotCopied() throws IOException {
        for (String start :
                List.of("", "GIF89a", "\u0002\0\0\0\0\0\0\u0001{}", "\u0001\0\0\0\0\0\0\0{", "\u0010\0\0\0\0\0\0\0[")) {
            Endless in = new Endless(start, ForeignFile.LONGEST_START);
            String message = assertThrows(
                            FormatException.class, () -> Latents.read(in, Optional.empty(), "standard input", folder))
                    .getMessage();
            assertTrue(message.startsWith("standard input: "), message);
            try (var left = Files.list(folder)) {
                assertEquals(0, left.count());
            }
        }
        Path file = folder.resolve("copy");
        assertThrows(FormatException.class, () -> TensorStream.copy(InputStream.nullInputStream(), file, "in"));
        assertFalse(Files.exists(file));
    }

    @Test
    void whatIsTooLongIsCopiedNoFurther() throws IOException {
        long most = 1 << 20;
        Path file = folder.resolve("copy");
        for (String start : List.of(NPY, "PK\u0003\u0004", "\u0010\0\0\0\0\0\0\0{")) {
            Endless in = new Endless(start, most + (1 << 16));
            String message = assertThrows(FormatException.class, () -> TensorStream.copy(in, file, "in", most))
                    .getMessage();
            assertTrue(message.startsWith("in: ") && message.contains("more than 1048576 bytes"), message);
            assertTrue(Files.size(file) <= most);
        }
    }

    @Test
    void theLastByteThatFitsIsCopied() throws IOException {
        byte[] bytes = new byte[100_000];
        System.arraycopy(NPY.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, NPY.length());
        bytes[bytes.length - 1] = 1;
        Path file = folder.resolve("copy");
        TensorStream.copy(new ByteArrayInputStream(bytes), file, "in", bytes.length);
        assertEquals(-1, Files.mismatch(file, Files.write(folder.resolve("original"), bytes)));
    }
}
