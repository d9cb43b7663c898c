package wanvae.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A reply that is a file, complete before its first byte is sent.
 *
 * @param folder    where the file is written
 * @param ending    of the file's name, without the dot
 * @param mediaType of the reply
 */
record FileReply(Path folder, String ending, String mediaType) {
    /** Writes the file. */
    interface Writing {
        void write(Path file) throws IOException;
    }

    void send(Exchange exchange, Writing writing) throws IOException {
        Path own = Files.createTempDirectory(folder, "reply-");
        Path file = own.resolve("reply." + ending);
        try {
            writing.write(file);
            try (OutputStream out = exchange.stream(200, mediaType, Files.size(file))) {
                Files.copy(file, out);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(own);
        }
    }
}
