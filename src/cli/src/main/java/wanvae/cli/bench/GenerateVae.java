package wanvae.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import wanvae.checkpoint.VaeConfigJson;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;

/** The program behind {@code scripts/generated-vae}. */
public final class GenerateVae {
    private static final String SEED = "\\d{1,18}";

    private GenerateVae() {}

    /**
     * {@code SEED OUT_DIR [config.json] [--dtype f32|bf16|f16] [--decoder-only] [--latents SEED:BxCxFxHxW]}: writes the
     * folder of {@link GeneratedVae#writeVae} and, if latents are asked for, {@code latents.safetensors} in it. Without
     * a configuration: Wan 2.1's.
     */
    public static void main(String[] args) throws IOException {
        try {
            run(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    static void run(String... args) throws IOException {
        VaeConfig config = WanConfig.WAN_2_1;
        DType dtype = DType.F32;
        Set<Half> halves = EnumSet.allOf(Half.class);
        String latents = null;
        if (args.length < 2) throw usage();
        for (int i = 2; i < args.length; i++) {
            switch (args[i]) {
                case "--dtype" -> dtype = dtype(++i < args.length ? args[i] : "");
                case "--decoder-only" -> halves = EnumSet.of(Half.DECODER);
                case "--latents" -> latents = ++i < args.length ? args[i] : "";
                default -> config = VaeConfigJson.read(Path.of(args[i]));
            }
        }
        Path folder = Path.of(args[1]);
        long[] shape = latents == null
                ? null
                : numbers(latents, SEED + ":" + String.join("x", Collections.nCopies(5, "[1-9]\\d{0,4}")));
        GeneratedVae.writeVae(config, numbers(args[0], SEED)[0], dtype, folder, halves);
        if (shape != null) {
            var sizes = new LatentShape((int) shape[1], (int) shape[2], (int) shape[3], (int) shape[4], (int) shape[5]);
            GeneratedVae.writeLatents(sizes, shape[0], folder.resolve("latents.safetensors"));
        }
    }

    private static DType dtype(String name) {
        return switch (name) {
            case "f32" -> DType.F32;
            case "bf16" -> DType.BF16;
            case "f16" -> DType.F16;
            default -> throw usage();
        };
    }

    private static long[] numbers(String text, String pattern) {
        if (!text.matches(pattern)) throw usage();
        return List.of(text.split("[:x]")).stream().mapToLong(Long::parseLong).toArray();
    }

    private static IllegalArgumentException usage() {
        return new IllegalArgumentException(
                "usage: generated-vae SEED OUT_DIR [config.json] [--dtype f32|bf16|f16] [--decoder-only] [--latents SEED:BxCxFxHxW]");
    }
}
