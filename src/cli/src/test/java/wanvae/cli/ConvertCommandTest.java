package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvertCommandTest extends WithSmallVae {
    @Test
    void convertedWeightsDecodeTheSame() throws IOException {
        Path converted = file("vae.wanvae");
        assertTrue(
                succeeds(Cli.run("convert", vae, converted)).err().contains("the decoder and the encoder of Wan 2.1"));
        assertEquals(both(vae), both(converted));
        succeeds(decode("-o", file("source.npy")));
        succeeds(Cli.run("decode", latents, "-w", converted, "-o", file("converted.npy")));
        assertEquals(-1, Files.mismatch(file("source.npy"), file("converted.npy")));
        assertTrue(succeeds(Cli.run("info", converted)).outText().contains("F32"));
        fails(Cli.run("convert", latents, file("out.wanvae")), 1, "latents.safetensors");
        fails(Cli.run("convert", vae, file("nowhere/out.wanvae")), 1, "nowhere");
    }

    /** The lines of {@code info} on the two halves. */
    private static List<String> both(Path weights) throws IOException {
        return succeeds(Cli.run("info", weights))
                .outText()
                .lines()
                .filter(line -> line.startsWith("  decoder ") || line.startsWith("  encoder "))
                .toList();
    }

    @Test
    void decodersWithoutAnEncoder() throws IOException {
        Path converted = file("decoder.wanvae"), again = file("again.wanvae"), damaged = file("damaged.safetensors");
        Cli run = succeeds(Cli.run("convert", vae, converted, "--decoder-only", "--dtype", "bf16"));
        assertTrue(run.err().contains("the decoder of Wan 2.1"), run.err());
        assertEquals("  encoder           none", both(converted).getLast());
        assertTrue(succeeds(Cli.run("convert", converted, again)).err().contains("the decoder of Wan 2.1"));
        succeeds(Cli.run("decode", latents, "-w", again, "-o", file("a.npy")));

        byte[] weights = Files.readAllBytes(vae.resolve("diffusion_pytorch_model.safetensors"));
        String changed =
                new String(weights, StandardCharsets.ISO_8859_1).replace("\"quant_conv.bias\"", "\"quant_conv.bios\"");
        Files.write(damaged, changed.getBytes(StandardCharsets.ISO_8859_1));
        succeeds(Cli.run("decode", latents, "-w", damaged, "-o", file("b.npy")));
        String line = both(damaged).getLast();
        assertTrue(line.contains("unusable: " + damaged + ": tensor quant_conv.bias is missing"), line);
        fails(Cli.run("convert", damaged, file("c.wanvae")), 1, "quant_conv.bias is missing");
        assertEquals(false, Files.exists(file("c.wanvae")));
        succeeds(Cli.run("convert", damaged, file("c.wanvae"), "--decoder-only"));
    }
}
