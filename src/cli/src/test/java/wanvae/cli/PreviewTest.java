package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;

class PreviewTest {
    @TempDir
    Path folder;

    private Path latents;

    @BeforeEach
    void write() throws IOException {
        latents = folder.resolve("z.safetensors");
        GeneratedVae.writeLatents(new LatentShape(1, 16, 5, 6, 8), 1, latents);
    }

    @Test
    void aPictureIsTheFrameInTheMiddle() throws IOException {
        Path one = folder.resolve("one.png"), all = folder.resolve("all-%d.png");
        Cli run = Cli.run("preview", latents, "-o", one);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("Wan 2.1 (--family sets it)"), run.err());
        assertEquals(
                0, Cli.run("preview", latents, "-o", all, "--family", "wan2.1").code());
        BufferedImage picture = ImageIO.read(one.toFile());
        assertEquals(32, picture.getWidth());
        assertEquals(24, picture.getHeight());
        assertEquals(-1, Files.mismatch(one, folder.resolve("all-2.png")));
        assertFalse(Files.exists(folder.resolve("all-5.png")));
    }

    @Test
    void familiesAndScalesDiffer() throws IOException {
        Path wan = folder.resolve("wan.png"), hunyuan = folder.resolve("hunyuan.png");
        assertEquals(0, Cli.run("preview", latents, "-o", wan, "--scale", "1").code());
        assertEquals(
                0,
                Cli.run("preview", latents, "-o", hunyuan, "--scale", "1", "--family", "hunyuanvideo")
                        .code());
        assertTrue(Files.mismatch(wan, hunyuan) >= 0);
        assertEquals(8, ImageIO.read(wan.toFile()).getWidth());
    }

    @Test
    void aVideoLastsAsLongAsTheDecodedOne() {
        Cli run = Cli.run("preview", latents, "-o", folder.resolve("p.mp4"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("at 4 frames a second") && run.err().contains("5 frames of 32x24"), run.err());
    }

    @Test
    void tellsOfValuesThatDecodeRefuses() throws IOException {
        byte[] bytes = Files.readAllBytes(latents);
        int header =
                8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(header + 4, Float.NaN);
        Path bad = Files.write(folder.resolve("bad.safetensors"), bytes);
        Cli run = Cli.run("preview", bad, "-o", folder.resolve("bad.png"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("Note: " + bad + " holds values that are not finite"), run.err());
        assertFalse(Cli.run("preview", latents, "-o", folder.resolve("good.png"))
                .err()
                .contains("finite"));
    }

    @Test
    void refusals() throws IOException {
        Path out = folder.resolve("p.png"), odd = folder.resolve("odd.safetensors");
        assertEquals(2, Cli.run("preview", latents, "-o", out, "--scale", "17").code());
        assertEquals(2, Cli.run("preview", latents, "-o", out, "--family", "sd").code());
        assertEquals(
                1, Cli.run("preview", latents, "-o", out, "--family", "wan2.2").code());
        GeneratedVae.writeLatents(new LatentShape(1, 7, 1, 2, 2), 1, odd);
        Cli run = Cli.run("preview", odd, "-o", out, "--axes", "bcfhw");
        assertEquals(1, run.code());
        assertTrue(run.err().contains("7 latent channels"), run.err());
        assertFalse(Files.exists(out));
    }
}
