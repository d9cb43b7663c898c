package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.OpenOptions;
import wanvae.config.PublishedVae;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;

/** What the weights of a server are taken for. */
class ModelsTest {
    @TempDir
    Path folder;

    private Path wan, tiny;

    @BeforeEach
    void write() throws IOException {
        wan = Served.wan(folder);
        TaeConfig config = new TaeConfig(
                TaeModel.TAEW2_1, 16, 1, List.of(16, 8, 8, 8), List.of(1, 2, 2), false, 8, List.of(2, 2, 1));
        GeneratedVae.writeVae(config, 1, DType.F16, folder.resolve("generated"));
        tiny = Files.move(
                folder.resolve("generated/diffusion_pytorch_model.safetensors"), folder.resolve("tiny.safetensors"));
    }

    private static List<String> families(Optional<PublishedVae> family, Path... weights) throws IOException {
        try (Models models = Models.open(List.of(weights), family, true, OpenOptions.DEFAULT.withWarmUp(false))) {
            return models.all().stream().map(model -> model.config().family()).toList();
        }
    }

    @Test
    void theFamilyIsSaidOfThoseThatDoNotTell() throws IOException {
        assertEquals(List.of("taew2_1"), families(Optional.empty(), tiny));
        assertEquals(List.of("lighttaew2_1"), families(Optional.of(PublishedVae.LIGHTTAEW2_1), tiny));
        assertEquals(List.of("Wan 2.1", "taehv"), families(Optional.of(PublishedVae.TAEHV), wan, tiny));
    }

    @Test
    void anotherFamilyIsRefused() {
        for (Path[] weights : new Path[][] {{wan}, {tiny}, {wan, tiny}})
            assertThrows(FormatException.class, () -> families(Optional.of(PublishedVae.WAN_2_2), weights));
    }
}
