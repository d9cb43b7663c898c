package wanvae.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.VaeConfigJson;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;

class GenerateVaeTest {
    @TempDir
    Path folder;

    @Test
    void writesWeightsAndLatents() throws IOException {
        Path config = Path.of("../core/src/test/resources/wanvae/checkpoint/hunyuan_odd.json");
        Path vae = folder.resolve("a/vae");
        GenerateVae.run("33", vae.toString(), config.toString(), "--dtype", "bf16", "--latents", "7:2x4x1x3x5");
        try (Checkpoint checkpoint = Checkpoint.open(vae.getParent())) {
            assertEquals(VaeConfigJson.read(config), checkpoint.config());
            assertEquals(
                    DType.BF16,
                    checkpoint.tensors().get("decoder.conv_norm_out.bias").dtype());
        }
        Latents latents = Latents.read(vae.resolve("latents.safetensors"));
        assertEquals(new LatentShape(2, 4, 1, 3, 5), latents.shape());
        assertEquals(
                -1,
                latents.values()
                        .mismatch(GeneratedWeights.latents(latents.shape(), 7).values()));
    }

    @Test
    void wrongArguments() {
        String out = folder.resolve("out").toString();
        for (String[] args : new String[][] {
            {},
            {"1"},
            {"x", out},
            {"-1", out},
            {"99999999999999999999", out},
            {"1", out, "--dtype"},
            {"1", out, "--dtype", "f64"},
            {"1", out, "--latents"},
            {"1", out, "--latents", "1:1x16x0x1x1"},
            {"1", out, "--latents", "1:1x16x1x1"}
        }) {
            assertThrows(IllegalArgumentException.class, () -> GenerateVae.run(args));
        }
        assertThrows(IOException.class, () -> GenerateVae.run("1", out, "missing.json"));
        assertEquals(false, Files.exists(Path.of(out)));
    }
}
