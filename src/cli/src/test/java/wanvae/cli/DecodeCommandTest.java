package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import wanvae.checkpoint.VaeConfigJson;
import wanvae.config.HunyuanConfig;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;

/** {@code wanvae decode}: what it writes, and what it says when something is wrong. */
class DecodeCommandTest extends WithSmallVae {
    @Test
    void tellsWhatItDid() throws IOException {
        Cli run = succeeds(decode("-o", file("out.mp4")));
        assertTrue(run.err().contains("5 frames of 24x16") && run.err().contains("at 16 frames a second"), run.err());
        assertTrue(run.err().contains("enlarged to 32x16"), run.err());
        assertEquals(List.of("out.mp4"), files());
        assertEquals("", succeeds(decode("-o", file("out.mp4"), "-q")).err());
    }

    @Test
    void writesEveryKindOfOutput() throws IOException {
        for (String name : List.of("out.y4m", "out.npy", "out.safetensors", "out.gif", "out.apng", "out.mov"))
            succeeds(decode("-o", file(name)));
        succeeds(decode("-o", file("frame-%03d.png")));
        succeeds(decode("-o", file("pngs")));
        assertEquals(
                List.of(
                        "frame-000.png",
                        "frame-001.png",
                        "frame-002.png",
                        "frame-003.png",
                        "frame-004.png",
                        "out.apng",
                        "out.gif",
                        "out.mov",
                        "out.npy",
                        "out.safetensors",
                        "out.y4m",
                        "pngs"),
                files());
        assertEquals(128 + 4 * 3 * 5 * 16 * 24, Files.size(file("out.npy")));
    }

    @Test
    void pipesY4mToStandardOutput() throws IOException {
        succeeds(decode("-o", file("out.y4m"), "--fps", "24000/1001"));
        Cli run = succeeds(decode("-o", "-", "--fps", "24000/1001"));
        assertTrue(new String(run.out(), StandardCharsets.US_ASCII).startsWith("YUV4MPEG2 W24 H16 F24000:1001 "));
        assertArrayEquals(Files.readAllBytes(file("out.y4m")), run.out());
    }

    @Test
    void readsLatentsFromStandardInput() throws IOException {
        succeeds(decode("-o", file("file.npy")));
        succeeds(Cli.runWith(Files.readAllBytes(latents), "decode", "-", "-w", vae, "-o", file("pipe.npy")));
        assertEquals(-1, Files.mismatch(file("file.npy"), file("pipe.npy")));
    }

    @Test
    void rawLatentsAreNotDenormalised() throws IOException {
        succeeds(decode("-o", file("normalized.npy")));
        succeeds(decode("-o", file("raw.npy"), "--latents", "raw"));
        assertTrue(Files.mismatch(file("normalized.npy"), file("raw.npy")) >= 128);
    }

    /** The same latents with their axes in another order, and what is said about it. */
    @Test
    void readsOtherOrdersAndSaysSo() throws IOException {
        succeeds(decode("-o", file("usual.npy")));
        byte[] bytes = Files.readAllBytes(latents);
        int header =
                8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String text = new String(bytes, 8, header - 8, StandardCharsets.UTF_8);
        ByteBuffer values =
                ByteBuffer.wrap(bytes, header, bytes.length - header).slice();
        ByteBuffer turned = ByteBuffer.allocate(values.capacity());
        for (int f = 0; f < 2; f++)
            for (int c = 0; c < 16; c++)
                for (int i = 0; i < 6; i++) turned.putInt(values.getInt(4 * ((c * 2 + f) * 6 + i)));
        ByteBuffer out = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        String other = text.replace("[1,16,2,2,3]", "[1,2,16,2,3]");
        out.putLong(header - 8).put(other.getBytes(StandardCharsets.UTF_8)).put(turned.array());
        Path file = Files.write(file("turned.safetensors"), out.array());
        Cli run = succeeds(Cli.run("decode", file, "-w", vae, "-o", file("turned.npy")));
        assertTrue(run.err().contains("Note: " + file + ": read as [B][F][C][H][W]"), run.err());
        assertTrue(run.err().contains("(--axes sets it)."), run.err());
        assertEquals(-1, Files.mismatch(file("usual.npy"), file("turned.npy")));
        succeeds(Cli.run("decode", file, "-w", vae, "-o", file("asked.npy"), "--axes", "bfchw", "-q"));
        assertEquals(-1, Files.mismatch(file("usual.npy"), file("asked.npy")));
        fails(Cli.run("decode", file, "-w", vae, "-o", file("out.npy"), "--axes", "bcfhw"), 1, "2 latent channels");
        fails(Cli.run("decode", file, "-w", vae, "-o", file("out.npy"), "--axes", "xyz"), 2, "order of axes");
        fails(Cli.run("decode", file, "-w", vae, "-o", file("out.npy"), "--size", "0x3"), 2, "HEIGHTxWIDTH");
        Path comfy = Files.write(
                file("comfy.latent"),
                new String(bytes, StandardCharsets.ISO_8859_1)
                        .replace("\"latents\"", "\"samples\"")
                        .getBytes(StandardCharsets.ISO_8859_1));
        run = succeeds(Cli.run("decode", comfy, "-w", vae, "-o", file("comfy.npy")));
        assertTrue(run.err().contains("read as normalised latents") && run.err().contains("(--latents sets it)."));
        assertEquals(-1, Files.mismatch(file("usual.npy"), file("comfy.npy")));
        run = succeeds(Cli.run("info", comfy, file));
        String told = new String(run.out(), StandardCharsets.UTF_8);
        assertTrue(told.contains("read as [B][F][C][H][W]: its third axis"), told);
    }

    @Test
    void choosesLatentFrames() throws IOException {
        Path many = file("many.safetensors");
        GeneratedVae.writeLatents(new LatentShape(1, 16, 4, 1, 1), 1, many);
        Cli run = succeeds(Cli.run("decode", many, "-w", vae, "-o", file("a.npy"), "--drop", "1"));
        assertTrue(run.err().contains("9 frames of 8x8"), run.err());
        succeeds(Cli.run("decode", many, "-w", vae, "-o", file("b.npy"), "--frames", "1:"));
        assertEquals(-1, Files.mismatch(file("a.npy"), file("b.npy")));
        run = succeeds(Cli.run("decode", many, "-w", vae, "-o", file("c.npy"), "--drop", "1", "--frames", ":2"));
        assertTrue(run.err().contains("5 frames of 8x8"), run.err());
        assertTrue(succeeds(Cli.run("info", vae, many, "--frames", "2:3"))
                .outText()
                .contains("video             1 frame of 8x8"));
        fails(Cli.run("decode", many, "-w", vae, "-o", file("out.npy"), "--drop", "4"), 1, "many", "4 latent frames");
        fails(Cli.run("decode", many, "-w", vae, "-o", file("out.npy"), "--frames", "2:5"), 1, "many", "--frames");
    }

    @Test
    void numbersTheMembersOfABatch() throws IOException {
        Path batch = file("batch.safetensors");
        GeneratedVae.writeLatents(new LatentShape(2, 16, 1, 1, 1), 1, batch);
        succeeds(Cli.run("decode", batch, "-w", vae, "-o", file("out.png"), "--slice"));
        assertEquals(List.of("batch.safetensors", "out-0.png", "out-1.png"), files());
        Cli piped = Cli.run("decode", batch, "-w", vae, "-o", "-");
        assertEquals(1, piped.code());
        assertEquals(0, piped.out().length);
    }

    @Test
    void keepsOrReplacesWhatIsThere() throws IOException {
        Files.writeString(file("mine.mp4"), "mine");
        assertEquals(1, decode("-o", file("mine.mp4"), "--no-clobber").code());
        assertEquals("mine", Files.readString(file("mine.mp4")));
        succeeds(decode("-o", file("mine.mp4")));
        assertTrue(Files.size(file("mine.mp4")) > 100);
        succeeds(decode("-o", file("pngs")));
        assertEquals(1, decode("-o", file("pngs")).code());
        succeeds(decode("-o", file("pngs"), "--overwrite"));
        assertEquals(List.of("mine.mp4", "pngs"), files());
    }

    @Test
    void refusesWhatItCannotWrite() throws IOException {
        fails(decode("-o", file("out.avi")), 2, "out.avi", ".mp4", ".y4m");
        fails(decode("-o", file("nowhere/out.mp4")), 1, "nowhere", "does not exist");
        fails(decode("-o", file("nowhere/out.npy")), 1, "nowhere", "does not exist");
        fails(decode("-o", file("out.png")), 1, ".png");
    }

    @Test
    void refusesPlacesForTemporaryFiles() throws IOException {
        Files.writeString(file("file"), "");
        fails(decode("-o", file("out.mp4"), "--temp-dir", file("file")), 1, "--temp-dir", "no folder");
        fails(decode("-o", file("out.mp4"), "--temp-dir", file("none")), 1, "--temp-dir", "does not exist");
        fails(Cli.run("info", vae, latents, "--temp-dir", file("file")), 1, "--temp-dir", "no folder");
    }

    @Test
    void refusesDamagedLatents() throws IOException {
        byte[] good = Files.readAllBytes(latents);
        Path bad = file("bad.safetensors");
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        Cli[] runs = {
            damaged(bad, Arrays.copyOf(good, good.length - 1)),
            damaged(bad, Arrays.copyOf(good, 20)),
            damaged(bad, new byte[0]),
            damaged(bad, "no latents at all, just a line of text\n".getBytes(StandardCharsets.UTF_8)),
            damaged(
                    bad,
                    with(
                            good,
                            ByteBuffer.allocate(8)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .putLong(Long.MAX_VALUE)
                                    .array(),
                            0)),
            damaged(
                    bad,
                    with(
                            good,
                            "F33".getBytes(StandardCharsets.UTF_8),
                            new String(good, StandardCharsets.ISO_8859_1).indexOf("F32")))
        };
        for (Cli run : runs) fails(run, 1, "bad.safetensors");
        byte[] nan = {0, 0, (byte) 0xc0, 0x7f};
        fails(damaged(bad, with(good, nan, 8 + header + 4 * 7)), 1, "bad.safetensors", "[0, 0, 1, 0, 1]");
        succeeds(Cli.run("decode", bad, "-w", vae, "-o", file("nan.mp4"), "--allow-nonfinite"));
    }

    private Cli damaged(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        return Cli.run("decode", file, "-w", vae, "-o", file("out.mp4"));
    }

    private static byte[] with(byte[] bytes, byte[] patch, int at) {
        byte[] patched = bytes.clone();
        System.arraycopy(patch, 0, patched, at, patch.length);
        return patched;
    }

    @Test
    void decodesInTiles() throws IOException {
        succeeds(Cli.run("decode", "--tile", latents, "-w", vae, "-o", file("whole.npy")));
        succeeds(decode("-o", file("plain.npy")));
        succeeds(decode("-o", file("tiled.npy"), "--tile=16x16:8x16", "--temp-dir", folder));
        succeeds(decode("-o", file("again.npy"), "--tile", "16x16:8x16"));
        assertArrayEquals(Files.readAllBytes(file("plain.npy")), Files.readAllBytes(file("whole.npy")));
        assertArrayEquals(Files.readAllBytes(file("tiled.npy")), Files.readAllBytes(file("again.npy")));
        assertFalse(Arrays.equals(Files.readAllBytes(file("plain.npy")), Files.readAllBytes(file("tiled.npy"))));
        String cost =
                succeeds(Cli.run("info", latents, vae, "--tile=16x16:8x16")).outText();
        assertTrue(cost.contains("2x2 tiles"), cost);
    }

    @Test
    void tilesThatAreNotWholeLatentPixelsAreAWrongCommandLine() throws IOException {
        Path wan22 = models.resolve("wan22");
        GeneratedVae.writeVae(small(WanConfig.WAN_2_2), 1, DType.F32, wan22);
        GeneratedVae.writeLatents(new LatentShape(1, 48, 1, 1, 1), 1, file("z.safetensors"));
        Cli run = Cli.run("decode", file("z.safetensors"), "-w", wan22, "-o", file("out.npy"), "--tile=64x64:48x40");
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().contains("--tile") && run.err().contains("multiples of 16"), run.err());
        assertEquals(List.of("z.safetensors"), files());
    }

    @Test
    void decodesHunyuanVideoInTilesInTime() throws IOException {
        Path hunyuan = models.resolve("hunyuan"), z = file("z.safetensors"), converted = file("hunyuan.wanvae");
        GeneratedVae.writeVae(
                new HunyuanConfig(16, List.of(4, 4, 8, 8), 0, true, 2, 8, 4, 0.476986f), 1, DType.F32, hunyuan);
        GeneratedVae.writeLatents(new LatentShape(1, 16, 6, 2, 3), 1, z);
        succeeds(Cli.run("convert", hunyuan, converted));
        for (String tiles : List.of("16:12", "off", "8:4"))
            succeeds(Cli.run("decode", z, "-w", hunyuan, "-o", file(tiles.charAt(0) + ".npy"), "--tile-frames", tiles));
        succeeds(Cli.run("decode", z, "-w", converted, "-o", file("default.npy")));
        assertArrayEquals(Files.readAllBytes(file("1.npy")), Files.readAllBytes(file("default.npy")));
        assertFalse(Arrays.equals(Files.readAllBytes(file("1.npy")), Files.readAllBytes(file("o.npy"))));
        assertFalse(Arrays.equals(Files.readAllBytes(file("1.npy")), Files.readAllBytes(file("8.npy"))));
        assertTrue(succeeds(Cli.run("info", hunyuan, z, "--tile=16x16:8x8"))
                .outText()
                .contains("2 tiles of at most 5 latent frames"));
        assertTrue(succeeds(Cli.run("decode", z, "-w", hunyuan, "-o", file("out.mp4")))
                .err()
                .contains("15"));
        for (String wrong : List.of("16", "16:10", "12:16", "0:0"))
            assertEquals(
                    2,
                    Cli.run("decode", z, "-w", hunyuan, "-o", file("out.npy"), "--tile-frames", wrong)
                            .code());
        Cli wan = Cli.run("decode", latents, "-w", vae, "-o", file("out.npy"), "--tile-frames", "16:12");
        assertTrue(
                wan.code() == 2
                        && wan.err().contains("--tile-frames")
                        && wan.err().contains("does not tile in time"),
                wan.err());
    }

    @Test
    void refusesOtherInput() throws IOException {
        Path wan22 = file("wan22.safetensors");
        GeneratedVae.writeLatents(new LatentShape(1, 48, 1, 1, 1), 1, wan22);
        fails(Cli.run("decode", wan22, "-w", vae, "-o", file("out.mp4")), 1, "wan22.safetensors", "48", "Wan 2.2");
        fails(Cli.run("decode", file("no.npy"), "-w", vae, "-o", file("out.mp4")), 1, "no.npy");
        fails(Cli.run("decode", latents, "-w", file("no-vae"), "-o", file("out.mp4")), 1, "no-vae");
        fails(Cli.run("decode", latents, "-w", latents, "-o", file("out.mp4")), 1, "latents.safetensors");
        fails(decode("-o", file("out.mp4"), "--key", "sample"), 1, "sample");
        fails(Cli.run("decode", folder, "-w", vae, "-o", file("out.mp4")), 1, folder.toString());
        fails(Cli.run("info", file("nothing")), 1, "nothing");
    }

    @Test
    void picturesWithAlphaKeepItOrSaySo() throws IOException {
        Path rgba = file("rgba"), config = file("config.json");
        Files.writeString(config, "{\"base_dim\": 4, \"num_res_blocks\": 1, \"in_channels\": 4, \"out_channels\": 4}");
        GeneratedVae.writeVae(VaeConfigJson.read(config), 1, DType.F32, rgba);
        Cli run = succeeds(Cli.run("decode", latents, "-w", rgba, "-o", file("pngs")));
        assertFalse(run.err().contains("transparent"), run.err());
        assertTrue(ImageIO.read(file("pngs/frames-00004.png").toFile())
                .getColorModel()
                .hasAlpha());
        succeeds(Cli.run("decode", latents, "-w", rgba, "-o", file("a.npy")));
        assertEquals(128 + 4 * 4 * 5 * 16 * 24, Files.size(file("a.npy")));
        run = succeeds(Cli.run("decode", latents, "-w", rgba, "-o", file("a.mp4"), "--background", "#ff0000"));
        assertTrue(run.err().contains("Note: what is transparent is shown on #ff0000.\n"), run.err());
        fails(Cli.run("decode", latents, "-w", rgba, "-o", file("b.mp4"), "--background", "mauve"), 2, "#rrggbb");
        succeeds(Cli.run("info", rgba));
    }
}
