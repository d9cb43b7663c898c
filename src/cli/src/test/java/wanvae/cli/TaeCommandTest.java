package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;

/** Tiny autoencoders on the command line, and the look before a decode. */
class TaeCommandTest {
    @TempDir
    Path folder;

    private Path weights, latents;

    @BeforeEach
    void write() throws IOException {
        TaeConfig tiny = new TaeConfig(
                TaeModel.TAEW2_1, 16, 1, List.of(16, 8, 8, 8), List.of(1, 2, 2), false, 8, List.of(2, 2, 1));
        GeneratedVae.writeVae(tiny, 1, DType.F16, folder.resolve("generated"));
        weights = folder.resolve("taehv.safetensors");
        Files.move(folder.resolve("generated/diffusion_pytorch_model.safetensors"), weights);
        latents = folder.resolve("z.safetensors");
        GeneratedVae.writeLatents(new LatentShape(1, 16, 3, 4, 5), 1, latents);
    }

    private byte[] decoded(String name, Object... more) throws IOException {
        Path out = folder.resolve(name);
        var command = new ArrayList<Object>(List.of("decode", latents, "-o", out));
        command.addAll(List.of(more));
        Cli run = Cli.run(command.toArray());
        assertEquals(0, run.code(), run.err());
        return Files.readAllBytes(out);
    }

    @Test
    void decodeConvertAndInfo() throws IOException {
        byte[] sample = decoded("a.npy", "-w", weights);
        assertEquals(128 + 4 * 3 * 9 * 32 * 40, sample.length);
        Path wanvae = folder.resolve("a.wanvae");
        Cli convert = Cli.run("convert", weights, wanvae);
        assertEquals(0, convert.code(), convert.err());
        assertTrue(convert.err().contains("the decoder and the encoder of taehv"), convert.err());
        assertEquals(-1, Arrays.mismatch(sample, decoded("b.npy", "-w", wanvae)));
        String info = Cli.run("info", weights, "--for", "21x60x104").outText();
        assertTrue(info.contains("taken for taehv, as its name says; taew2_1 and lighttaew2_1 have"), info);
        assertTrue(info.contains("81 frames of 832x480"), info);
        assertFalse(Cli.run("info", wanvae).outText().contains("assumed"));
    }

    @Test
    void familyOverridesTheName() throws IOException {
        byte[] hunyuan = decoded("a.npy", "-w", weights, "--latents", "raw"),
                wan = decoded("b.npy", "-w", weights, "--latents", "raw", "--family", "taew2_1"),
                light = decoded("c.npy", "-w", weights, "--latents", "raw", "--family", "lighttaew2_1");
        assertTrue(Arrays.mismatch(hunyuan, wan) > 0);
        assertTrue(Arrays.mismatch(light, wan) > 0);
        Cli other = Cli.run("decode", latents, "-w", weights, "-o", folder.resolve("d.npy"), "--family", "wan2.2");
        assertEquals(1, other.code());
        assertTrue(other.err().contains("the VAE of taehv, not of wan2.2"), other.err());
        Cli unknown = Cli.run("decode", latents, "-w", weights, "-o", folder.resolve("d.npy"), "--family", "sd");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("'sd' is none of wan2.1, wan2.2"), unknown.err());
    }

    @Test
    void aNameThatSaysNothingIsNoted() throws IOException {
        Path nameless = Files.move(weights, folder.resolve("model.safetensors"));
        Cli run = Cli.run("decode", latents, "-w", nameless, "-o", folder.resolve("a.png"), "--preview", "-");
        assertEquals(2, run.code());
        run = Cli.run("decode", latents, "-w", nameless, "-o", folder.resolve("a.gif"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("taken for taew2_1, since its name does not say"), run.err());
    }

    @Test
    void thePreviewComesFirst() throws IOException {
        Path look = folder.resolve("look.png"), alone = folder.resolve("alone.png"), out = folder.resolve("a.mp4");
        Cli run = Cli.run("decode", latents, "-w", weights, "-o", out, "--preview", look);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().indexOf("look.png: a preview") < run.err().indexOf("a.mp4 at 15 frames"), run.err());
        assertEquals(
                0,
                Cli.run("preview", latents, "-o", alone, "--family", "hunyuanvideo")
                        .code());
        assertEquals(-1, Files.mismatch(look, alone));
        run = Cli.run(
                "decode",
                latents,
                "-w",
                weights,
                "-o",
                out,
                "--preview",
                folder.resolve("l.gif"),
                "--fps",
                "30000/1001");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("l.gif at 7500/1001 frames a second"), run.err());
        run = Cli.run("decode", latents, "-w", weights, "-o", out, "--preview", look, "--fps", "1/1000", "--overwrite");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("--fps of the preview: a frame rate is at least 0.001, not 1/4000."), run.err());
        // A decode that is refused leaves the preview, which was done.
        Path other = folder.resolve("other.png");
        run = Cli.run("decode", latents, "-w", weights, "-o", out, "--preview", other, "--memory", "1k");
        assertEquals(1, run.code());
        assertTrue(Files.exists(other));
        assertEquals(
                2,
                Cli.run("decode", latents, "-w", weights, "-o", out, "--preview", out)
                        .code());
    }
}
