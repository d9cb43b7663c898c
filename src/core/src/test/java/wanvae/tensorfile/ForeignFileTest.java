package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignFileTest {
    @TempDir
    Path folder;

    private void named(String kind, String start) throws IOException {
        for (String ending : new String[] {"safetensors", "pth", "gguf"}) {
            Path file = Files.write(folder.resolve("a." + ending), start.getBytes(StandardCharsets.ISO_8859_1));
            String message = assertThrows(FormatException.class, () -> TensorFile.open(file))
                    .getMessage();
            assertTrue(message.contains(kind) && message.startsWith(file.toString()), message);
        }
    }

    @Test
    void whatStandsInPlaceOfTensorsIsNamed() throws IOException {
        named("Git LFS pointer", """
                version https://git-lfs.github.com/spec/v1
                oid sha256:0123456789
                size 507591892
                """);
        named("web page", "<!DOCTYPE html>\n<html class=\"\">\n<head>");
        named("web page", "\n  <html>");
        named("error message", "{\"error\":\"Repository not found\"}");
        named("error message", "Entry not found");
        named("Python pickle", "\u0080\u0004\u0095\u0000\u0000");
        named("Python pickle", "\u0080\u0002}q\u0000.");
        named("gzip", "\u001f\u008b\u0008");
        named("empty zip", "PK\u0005\u0006" + "\0".repeat(18));
        named("tar archive", "x".repeat(257) + "ustar" + " ".repeat(100));
        named("HDF5", "\u0089HDF\r\n\u001a\n");
        named("picture", "\u0089PNG\r\n\u001a\n");
        named("video", "\0\0\0\u0020ftypisom");
        named("empty file", "");
    }
}
