package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import wanvae.checkpoint.WanvaeFile;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/** Decodes with weights that stay in the file they were read from. */
class MappedWeightsTest {
    private static final Latents LATENTS = GeneratedWeights.latents(new LatentShape(1, 16, 2, 5, 6), 3);

    @TempDir
    private Path folder;

    private Path file(WanConfig config) throws IOException {
        Path file = folder.resolve("vae.wanvae");
        WanvaeFile.write(new GeneratedWeights(config, 4), file);
        return file;
    }

    private static float[] decode(WanVae vae) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(LATENTS, sink);
        return sink.samples;
    }

    @Test
    void theSameBitsAsWithWeightsInMemory() throws IOException {
        WanConfig config = Models.wan21(16, 1);
        try (WanVae mapped = WanVae.open(file(config));
                WanVae read = Models.open(config, 4)) {
            // The name may be another file's by now.
            Files.delete(folder.resolve("vae.wanvae"));
            assertArrayEquals(decode(read), decode(mapped));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // cannot cut a file that is mapped
    void aFileThatIsCutMeanwhileEndsTheDecodeInASentence() throws IOException {
        Path file = file(Models.wan21(16, 1));
        try (WanVae vae = WanVae.open(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            String message = assertThrows(IOException.class, () -> decode(vae)).getMessage();
            assertEquals(file + ": was cut or became unreadable while it was in use", message);
            assertTrue(Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("wanvae-frames")));
        }
    }
}
