package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;

/** Files of tiny autoencoders: names, shapes, and which of them a file is. */
class TaeFilesTest {
    private static final TaeConfig TINY =
            new TaeConfig(TaeModel.TAEW2_1, 16, 1, List.of(10, 6, 4, 5), List.of(1, 2, 2), false, 7, List.of(2, 2, 1));
    private static final TaeConfig TINY_SUPER = new TaeConfig(
            TaeModel.TAEW2_2, 48, 2, List.of(32, 16, 16, 16), List.of(1, 2, 2), true, 3, List.of(2, 2, 1));

    @TempDir
    Path folder;

    /** The tensors of a file as it is published. */
    private static Map<String, String> published(String file) throws IOException {
        Map<String, String> shapes = new LinkedHashMap<>();
        try (InputStream in = TaeFilesTest.class.getResourceAsStream(file + ".txt")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> {
                String[] words = line.split(" ", 2);
                shapes.put(words[0], words[1]);
            });
        }
        return shapes;
    }

    private static void assertTensors(String file, TaeConfig config) throws IOException {
        Map<String, String> shapes = new LinkedHashMap<>();
        for (Half half : List.of(Half.ENCODER, Half.DECODER))
            VaeFamily.of(config)
                    .tensors(config, half)
                    .forEach((name, shape) ->
                            shapes.put(name, Arrays.toString(shape).replaceAll("[\\[\\],]", "")));
        assertEquals(published(file), shapes);
    }

    @Test
    void namesAndShapesAreThoseOfPublishedFiles() throws IOException {
        assertTensors("taew2_1", TaeConfig.of(TaeModel.TAEW2_1));
        assertTensors("taew2_2_super", TaeConfig.superOf(TaeModel.TAEW2_2));
    }

    /** A file as it is published: without a configuration. */
    private Path file(TaeConfig config, String name) throws IOException {
        GeneratedVae.writeVae(config, 1, DType.F16, folder.resolve("generated"));
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.move(folder.resolve("generated/diffusion_pytorch_model.safetensors"), file);
    }

    private static VaeConfig config(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            return checkpoint.config();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "taew2_1.safetensors, TAEW2_1, true",
        "taehv.safetensors, TAEHV, true",
        "my/TAEHV-f16.safetensors, TAEHV, true",
        "lighttaew2_1.safetensors, LIGHTTAEW2_1, true",
        "taew2.1.safetensors, TAEW2_1, true",
        "tiny.safetensors, TAEW2_1, false"
    })
    void aFilesNameTellsWhichItIs(String name, TaeModel model, boolean named) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file(TINY, name))) {
            assertEquals(TINY.withModel(model), checkpoint.config());
            Assumption assumption = checkpoint.assumption().orElseThrow();
            assertEquals(named, assumption.named());
            assertEquals(model.id(), assumption.vae().id());
            assertEquals(2, assumption.others().size());
            assertTrue(assumption.text().startsWith("taken for " + model.id()), assumption.text());
        }
    }

    @Test
    void superDecodersAreToldByTheirShapes() throws IOException {
        Path file = file(TINY_SUPER, "a.safetensors");
        assertEquals(TINY_SUPER, config(file));
    }

    @Test
    void theCallerKnowsBetterThanTheName() throws IOException {
        Path file = file(TINY, "taew2_1.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(file, PublishedVae.TAEHV)) {
            assertEquals(TINY.withModel(TaeModel.TAEHV), checkpoint.config());
            assertEquals(Optional.empty(), checkpoint.assumption());
        }
        for (PublishedVae other : List.of(PublishedVae.WAN_2_1, PublishedVae.TAEW2_2)) {
            String message = assertThrows(FormatException.class, () -> Checkpoint.open(file, other))
                    .getMessage();
            assertEquals(file + ": the VAE of taew2_1, not of " + other.id(), message);
        }
    }

    @Test
    void aProgramSaysWhichItIs() throws IOException {
        Path file = file(TINY, "model.safetensors");
        OpenOptions options = OpenOptions.DEFAULT.withHalves(Half.ENCODER).withFamily(PublishedVae.TAEHV);
        try (WanVae vae = WanVae.open(file, options)) {
            assertEquals(TINY.withModel(TaeModel.TAEHV), vae.config());
        }
        try (WanVae vae = WanVae.open(file, options.withThreads(1).withWarmUp(false))) {
            assertEquals("taehv", vae.config().family());
        }
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertEquals(
                    file + ": the VAE of taew2_1, not of taehv",
                    assertThrows(FormatException.class, () -> WanVae.open(checkpoint, options))
                            .getMessage());
        }
    }

    @Test
    void aConvertedFileRemembersWhichItIs() throws IOException {
        Path wanvae = folder.resolve("a.wanvae");
        try (Checkpoint checkpoint = Checkpoint.open(file(TINY, "x.safetensors"), PublishedVae.LIGHTTAEW2_1)) {
            WanvaeFile.write(checkpoint, wanvae);
        }
        try (Checkpoint checkpoint = Checkpoint.open(wanvae)) {
            assertEquals(TINY.withModel(TaeModel.LIGHTTAEW2_1), checkpoint.config());
            assertEquals(Optional.empty(), checkpoint.assumption());
            assertEquals(EnumSet.allOf(Half.class), checkpoint.halves());
            assertArrayEquals(
                    new long[] {16, 7, 3, 3},
                    checkpoint.tensors(Half.ENCODER).get("encoder.17.weight").shape());
        }
        assertThrows(FormatException.class, () -> Checkpoint.open(wanvae, PublishedVae.TAEHV));
    }

    @Test
    void aConfigurationIsReadAsItWasWritten() throws IOException {
        for (TaeConfig config : List.of(TINY, TINY_SUPER, TINY.withModel(TaeModel.TAEHV))) {
            GeneratedVae.writeVae(config, 1, DType.F32, folder);
            assertEquals(config, config(folder));
        }
    }

    @Test
    void aWiderCheckpointGivesTheLastFramesOfItsGrowth() throws IOException {
        TaeConfig wider = new TaeConfig(
                TaeModel.TAEW2_1, 16, 1, List.of(10, 6, 4, 5), List.of(2, 2, 2), false, 7, List.of(2, 2, 1));
        assertEquals(wider, config(file(wider, "taew2_1.safetensors")));
        assertEquals(1, wider.factorT(0));
        assertEquals(4, wider.temporalScale());
    }

    @Test
    void otherTinyAutoencodersAreRefusedBySize() throws IOException {
        TaeConfig other = new TaeConfig(
                TaeModel.TAEW2_1, 24, 2, List.of(10, 6, 4, 5), List.of(1, 2, 2), false, 7, List.of(2, 2, 1));
        Path file = file(other, "taeh3.safetensors");
        String message =
                assertThrows(FormatException.class, () -> Checkpoint.open(file)).getMessage();
        assertTrue(message.contains("a tiny autoencoder of latents with 24 channels"), message);
    }
}
