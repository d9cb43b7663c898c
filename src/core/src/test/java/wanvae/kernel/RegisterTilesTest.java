package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RegisterTilesTest {
    @Test
    void sourcesAreWhatTheGeneratorWrites() throws IOException {
        Path project = Path.of("").toAbsolutePath();
        while (!Files.exists(project.resolve(RegisterTiles.FOLDER))) project = project.getParent();
        for (var file : RegisterTiles.files().entrySet())
            assertEquals(
                    file.getValue(),
                    Files.readString(project.resolve(RegisterTiles.FOLDER).resolve(file.getKey())),
                    "java src/core/src/test/java/wanvae/kernel/RegisterTiles.java writes " + file.getKey() + " anew");
    }
}
