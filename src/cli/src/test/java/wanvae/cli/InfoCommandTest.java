package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InfoCommandTest extends WithSmallVae {
    @Test
    void infoTellsWeightsLatentsAndCost() throws IOException {
        Cli run = succeeds(Cli.run("info", vae, latents));
        for (String word : List.of(
                "Wan 2.1",
                "F32",
                "encoder           0.",
                "[1, 16, 2, 2, 3]",
                "finite",
                "5 frames of 24x16",
                "operations",
                "memory",
                "threads")) assertTrue(run.outText().contains(word), run.outText());
        assertTrue(
                succeeds(Cli.run("info", vae, "--for", "21x60x104")).outText().contains("81 frames of 832x480"));
        assertEquals(2, Cli.run("info", latents, "--for", "1x1x1").code());
    }

    @Test
    void infoForPrograms() throws IOException {
        String text =
                succeeds(Cli.run("info", vae, latents, "--json")).outText().replaceAll("\\s", "");
        for (String word : List.of(
                "[{\"kind\":\"weights\"",
                "\"family\":\"Wan2.1\"",
                "\"dtypes\":[\"F32\"]",
                "\"encoder_tensors\":62,",
                "\"latent_channels\":16",
                "{\"kind\":\"latents\"",
                "\"shape\":[1,16,2,2,3]",
                "\"nonfinite\":0",
                "{\"kind\":\"decode\"",
                "\"frames\":5,\"height\":16,\"width\":24",
                "\"memory\":",
                "}]")) assertTrue(text.contains(word), word + " in " + text);
        assertEquals("[]", Cli.run("info", file("nothing"), "--json").outText().replaceAll("\\s", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--quiet"})
    void whoeverHasReadEnoughEndsIt(String option) {
        Cli run = Cli.runInto(new IOException("Broken pipe"), "info", vae, latents, option);
        assertEquals(141, run.code());
        assertEquals("", run.err());
        run = Cli.runInto(new IOException("No space left on device"), "info", vae, latents, option);
        assertEquals(1, run.code());
        assertEquals("wanvae: the disk is full: No space left on device.\n", run.err());
    }
}
