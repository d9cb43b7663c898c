package wanvae.checkpoint.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import wanvae.tensorfile.FormatException;

/** Reads the small JSON files beside weights. */
public final class JsonText {
    private JsonText() {}

    /**
     * The text of a file of at most {@code longest} bytes.
     *
     * @throws FormatException if it is longer, or no file (a pipe would never end)
     */
    public static String read(Path file, int longest) throws IOException {
        if (!Files.exists(file)) throw new NoSuchFileException(file.toString(), null, "no such file");
        if (!Files.isRegularFile(file)) throw new FormatException(file + ": expected a file, found something else");
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(longest + 1);
            if (bytes.length > longest)
                throw new FormatException(file + ": longer than the " + longest + " bytes that such a file may have");
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** What to throw for text that is not JSON. */
    public static FormatException invalid(Path file, JsonProcessingException e) {
        String where = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr(); // none where a limit of the parser ended it
        return new FormatException(file + ": not valid JSON" + where, e);
    }
}
