package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;

/** What tests of commands share: a small generated VAE, latents for it, a folder, and what a run must say. */
abstract class WithSmallVae {
    @TempDir
    static Path models;

    static Path vae;
    static Path latents;

    @TempDir
    Path folder;

    @BeforeAll
    static void generate() throws IOException {
        vae = models.resolve("vae");
        latents = vae.resolve("latents.safetensors");
        GeneratedVae.writeVae(small(WanConfig.WAN_2_1), 1, DType.F32, vae);
        GeneratedVae.writeLatents(new LatentShape(1, 16, 2, 2, 3), 1, latents);
    }

    /** The same with four channels and one residual block where it has many. */
    static WanConfig small(WanConfig wan) {
        return new WanConfig(
                wan.className(),
                4,
                wan.zDim(),
                wan.dimMult(),
                1,
                wan.temporalUpsample(),
                wan.latentsMean(),
                wan.latentsStd(),
                wan.isResidual(),
                wan.outChannels(),
                wan.patchSize());
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    Cli decode(Object... more) {
        Object[] args = {"decode", latents, "-w", vae};
        Object[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    static Cli succeeds(Cli run) {
        assertEquals(0, run.code(), run.err());
        return run;
    }

    /** One sentence that names each of {@code words}, the exit code, and nothing written. */
    void fails(Cli run, int code, String... words) throws IOException {
        assertEquals(code, run.code(), run.err());
        List<String> lines = run.err().lines().toList();
        String sentence = lines.getLast();
        assertTrue(sentence.startsWith("wanvae: ") && sentence.endsWith("."), run.err());
        assertTrue(lines.stream().filter(line -> line.startsWith("wanvae: ")).count() == 1, run.err());
        for (String word : words) assertTrue(sentence.contains(word), sentence);
        assertTrue(
                files().stream().noneMatch(name -> name.startsWith("out") || name.startsWith(".")),
                () -> "left behind in " + folder);
    }
}
