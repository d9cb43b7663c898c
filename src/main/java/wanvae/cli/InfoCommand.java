package wanvae.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.DecodePlan;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.HunyuanConfig;
import wanvae.checkpoint.VaeConfig;
import wanvae.checkpoint.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/** {@code wanvae info}: what files are, and what decoding them costs. */
@Command(name = "info", sortOptions = false, customSynopsis = "wanvae info FILE... [--for FxHxW] [OPTIONS]",
        description = "Tell what weights and latents files are, and what a decode will cost.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae info vae/                          family, configuration, parameters",
            "  wanvae info vae/ latents.safetensors      and what decoding these latents takes",
            "  wanvae info vae.wanvae --for 21x60x104    or latents of this size: 81 frames of 832x480"})
final class InfoCommand implements Callable<Integer> {
    private static final int LABEL = 18;

    private final PrintStream out;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Weights (a folder, .safetensors, .pth, .wanvae) and latents "
            + "(.safetensors, .npy, .pt, .pth), in any order.")
    private List<Path> files;

    @Option(names = "--for", paramLabel = "FxHxW", converter = LatentSize.Converter.class,
            description = "Tell the cost of decoding latents of this many frames, height and width.")
    private LatentSize size;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private PlanFlags plan;

    @Mixin
    private CommonFlags common;

    InfoCommand(Console console) {
        out = console.text();
    }

    @Override
    public Integer call() throws IOException {
        List<Path> weights = new ArrayList<>();
        List<LatentShape> shapes = new ArrayList<>();
        for (Path file : files) {
            if (!Files.exists(file)) throw new NoSuchFileException(file.toString());
            Latents latents = latentsOrNull(file);
            if (latents != null) {
                tell(file, latents);
                shapes.add(latents.shape());
            } else {
                try (Checkpoint checkpoint = Checkpoint.open(file)) {
                    tell(checkpoint);
                    if (size != null) shapes.add(size.shape(checkpoint.config().latentChannels()));
                }
                weights.add(file);
            }
        }
        if (size != null && weights.isEmpty()) throw new UsageException("--for needs the weights that would decode such latents.");
        for (Path file : weights) {
            if (shapes.isEmpty()) break;
            try (WanVae vae = WanVae.open(file, OpenOptions.DEFAULT)) {
                plan.requireFits(vae.config());
                for (LatentShape shape : shapes) tell(shape, vae.plan(shape, plan.apply(threads.decodeOptions())));
            }
        }
        return 0;
    }

    /** The latents in a file, or null where it holds something else. */
    private static Latents latentsOrNull(Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (Files.isDirectory(file) || name.endsWith(".wanvae")) return null;
        try {
            return Latents.read(file);
        } catch (FormatException notLatents) {
            if (name.endsWith(".npy")) throw notLatents;
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                return null;
            } catch (FormatException notWeights) {
                if (notWeights.getMessage().equals(notLatents.getMessage())) throw notLatents;
                throw new FormatException(file + " holds neither latents nor a VAE: " + notLatents.getMessage() + "; " + notWeights.getMessage());
            }
        }
    }

    private void tell(Checkpoint checkpoint) {
        VaeConfig config = checkpoint.config();
        long parameters = checkpoint.tensors().values().stream().mapToLong(TensorInfo::elements).sum();
        long bytes = checkpoint.tensors().values().stream().mapToLong(t -> t.elements() * t.dtype().bytes()).sum();
        String dtypes = checkpoint.tensors().values().stream().map(t -> t.dtype().name()).distinct().collect(Collectors.joining(" and "));
        title(checkpoint.path() + ": weights");
        line("family", config.family());
        line("decoder", String.format(Locale.ROOT, "%.2f M parameters in %d tensors, %s, %s", parameters / 1e6, checkpoint.tensors().size(),
                dtypes, ByteSize.text(bytes)));
        line("latents", config.latentChannels() + " channels; one latent pixel is " + config.spatialScale() + "x" + config.spatialScale()
                + " pixels, one latent frame " + config.temporalScale() + " frames (the first one 1)");
        switch (config) {
            case WanConfig wan -> {
                line("class", wan.className());
                line("decoder_base_dim", wan.decoderBaseDim());
                line("dim_mult", wan.dimMult());
                line("num_res_blocks", wan.numResBlocks());
                line("time upsampling", wan.temporalUpsample());
                line("is_residual", wan.isResidual());
                line("patch_size", wan.patchSize());
            }
            case HunyuanConfig hunyuan -> {
                line("class", "AutoencoderKLHunyuanVideo");
                line("widths", hunyuan.blockOutChannels());
                line("layers", hunyuan.layersPerBlock() + " a block, " + hunyuan.normNumGroups() + " norm groups");
                line("scaling_factor", hunyuan.scalingFactor());
            }
        }
    }

    private void tell(Path file, Latents latents) throws IOException {
        LatentShape shape = latents.shape();
        title(file + ": latents");
        try (TensorFile tensors = TensorFile.open(file)) {
            line("tensors", tensors.tensors().values().stream().map(t -> t.name() + " " + t.dtype()).collect(Collectors.joining(", ")));
        }
        line("shape", shape + " (batch, channels, frames, height, width)");
        MemorySegment values = latents.values();
        long count = values.byteSize() / Float.BYTES;
        long nonfinite = 0;
        double sum = 0;
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < count; i++) {
            float value = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES);
            if (!Float.isFinite(value)) {
                nonfinite++;
                continue;
            }
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        if (nonfinite < count)
            line("values", String.format(Locale.ROOT, "min %.4g, max %.4g, mean %.4g", min, max, sum / (count - nonfinite)));
        line("finite", nonfinite == 0 ? "all" : nonfinite + " of " + count + " are NaN or infinite");
    }

    private void tell(LatentShape shape, DecodePlan plan) {
        title("decoding latents " + shape);
        line("video", Report.video(plan.video()));
        line("operations", String.format(Locale.ROOT, "%,.0f GFLOP as direct convolution", plan.operations() / 1e9));
        line("memory", ByteSize.text(plan.memory()) + " at most, " + ByteSize.text(plan.weights()) + " of it weights");
        line("disk", plan.disk() == 0 ? "none" : ByteSize.text(plan.disk()) + " for temporary files");
        line("threads", plan.threads());
        for (int i = 0; i < plan.steps().size(); i++) line(i == 0 ? "plan" : "", plan.steps().get(i));
    }

    private void title(String text) {
        out.println(text);
    }

    private void line(String label, Object value) {
        out.println("  " + label + " ".repeat(Math.max(1, LABEL - label.length())) + value);
    }
}
