package wanvae.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.CheckpointSummary;
import wanvae.checkpoint.HalfSummary;
import wanvae.config.ConfigFacts;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.encode.EncodePlan;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.NpyFile;
import wanvae.tensorfile.TensorFile;

/** {@code wanvae info}: describes files, and what decoding and encoding cost. */
@Command(
        name = "info",
        sortOptions = false,
        customSynopsis = "wanvae info FILE... [--for FxHxW] [--json] [OPTIONS]",
        description = "Describe files of weights and latents, and what a decode or encode will cost.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae info vae/                          family, configuration, parameters",
            "  wanvae info vae/ latents.safetensors      also what decoding these latents takes",
            "  wanvae info vae.wanvae --for 21x60x104    what 81 frames of 832x480 take",
            "  wanvae info vae/ latents.npy --json       the same for a script, sizes in bytes"
        })
final class InfoCommand implements Callable<Integer> {
    /** A file with more tensors than this is taken for a model's weights. */
    private static final int MANY_TENSORS = 8;

    private final Console console;
    private Facts facts;
    /** The weights that have an encoder. */
    private final Set<Path> encoders = new HashSet<>();

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Weights (a folder, .safetensors, .pth, .wanvae …) and latents "
                    + "(.safetensors, .npy, .pt …), in any order.")
    private List<Path> files;

    @Option(
            names = "--for",
            paramLabel = "FxHxW",
            converter = LatentSize.Converter.class,
            description =
                    "Also print what it costs to decode latents of this many frames, height and width, and to encode such a video.")
    private LatentSize size;

    @Option(names = "--json", description = "Print a JSON array with an object for each file and each cost.")
    private boolean json;

    @Mixin
    private WeightFamily family;

    @Mixin
    private LatentFlags latents;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private PlanFlags division;

    @Mixin
    private CommonFlags common;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (Facts answer = new Facts(console.text(), json)) {
            facts = answer;
            tellAll();
        }
        return 0;
    }

    private void tellAll() throws IOException {
        Map<Path, VaeConfig> weights = new LinkedHashMap<>();
        for (Path file : files) {
            if (!Files.exists(file)) throw new NoSuchFileException(file.toString());
            configuration(file).ifPresent(config -> weights.put(file, config));
        }
        LatentRequest request = latents.request(List.copyOf(weights.values()));
        List<LatentShape> shapes = new ArrayList<>();
        for (Path file : files) {
            if (weights.containsKey(file)) {
                try (Checkpoint checkpoint = family.open(file)) {
                    tell(checkpoint);
                    if (CheckpointSummary.of(checkpoint).encoder().isPresent()) encoders.add(file);
                    if (size != null) shapes.add(size.shape(checkpoint.config().latentChannels()));
                }
            } else {
                LatentReading reading = latents(file, request);
                tell(file, reading);
                shapes.add(latents.select(reading.latents()).shape());
            }
        }
        if (size != null && weights.isEmpty())
            throw new UsageException("--for needs the weights that would decode such latents.");
        if (shapes.isEmpty()) return;
        for (var file : weights.entrySet()) {
            division.requireFits(file.getValue());
            DecodeOptions options = division.apply(threads.decodeOptions());
            for (LatentShape shape : shapes) tell(file.getKey(), shape, WanVae.plan(file.getValue(), shape, options));
            if (size != null && encoders.contains(file.getKey())) tellEncode(file.getKey(), file.getValue());
        }
    }

    /** The configuration of the weights in a file; empty where it holds something else, latents perhaps. */
    private Optional<VaeConfig> configuration(Path file) throws IOException {
        try (Checkpoint checkpoint = family.open(file)) {
            return Optional.of(checkpoint.config());
        } catch (FormatException notWeights) {
            if (Files.isDirectory(file)) throw notWeights;
            return Optional.empty();
        }
    }

    private static LatentReading latents(Path file, LatentRequest request) throws IOException {
        try {
            return LatentReading.of(file, request);
        } catch (FormatException notLatents) {
            try {
                Checkpoint.open(file).close();
                throw notLatents;
            } catch (FormatException notWeights) {
                if (notWeights.getMessage().equals(notLatents.getMessage())) throw notLatents;
                try (TensorFile tensors = TensorFile.open(file)) {
                    if (tensors.tensors().size() > MANY_TENSORS) throw notWeights;
                    if (tensors instanceof NpyFile) throw notLatents;
                }
                throw new FormatException(file + " holds neither latents nor a VAE: " + notLatents.getMessage() + "; "
                        + notWeights.getMessage());
            }
        }
    }

    private void tell(Checkpoint checkpoint) throws IOException {
        VaeConfig config = checkpoint.config();
        CheckpointSummary summary = CheckpointSummary.of(checkpoint);
        HalfSummary decoder = summary.decoder();
        facts.begin("weights", checkpoint.path() + ": weights");
        facts.value("file", checkpoint.path().toString());
        facts.add("family", "family", config.family());
        if (summary.assumption().isPresent())
            facts.line("assumed", summary.assumption().get().text() + " (--family sets it)");
        facts.value("assumed", summary.assumption().isPresent());
        facts.line("decoder", text(decoder));
        facts.value("parameters", decoder.totalParameters());
        facts.value("tensors", decoder.tensors());
        facts.value("dtypes", dtypes(decoder));
        facts.value("bytes", decoder.storedBytes());
        facts.line(
                "encoder",
                summary.encoder()
                        .map(InfoCommand::text)
                        .or(() -> summary.encoderProblem().map(problem -> "unusable: " + problem))
                        .orElse(config.encodes() ? "none" : "not supported for " + config.family()));
        facts.value(
                "encoder_parameters",
                summary.encoder().map(HalfSummary::totalParameters).orElse(0L));
        facts.value(
                "encoder_tensors", summary.encoder().map(HalfSummary::tensors).orElse(0));
        facts.line(
                "latents",
                config.latentChannels() + " channels; one latent pixel is " + config.spatialScale() + "x"
                        + config.spatialScale() + " pixels, one latent frame " + config.temporalScale()
                        + " frames (the first one 1)");
        facts.value("latent_channels", config.latentChannels());
        facts.value("spatial_scale", config.spatialScale());
        facts.value("temporal_scale", config.temporalScale());
        ConfigFacts more = config.facts();
        for (var line : more.lines().entrySet()) facts.line(line.getKey(), line.getValue());
        for (var value : more.values().entrySet()) facts.value(value.getKey(), value.getValue());
    }

    private static String text(HalfSummary half) {
        return String.format(
                Locale.ROOT,
                "%.2f M parameters in %d tensors, %s, %s",
                half.totalParameters() / 1e6,
                half.tensors(),
                String.join(" and ", dtypes(half)),
                ByteSize.text(half.storedBytes()));
    }

    private static List<String> dtypes(HalfSummary half) {
        return half.parameters().keySet().stream().map(DType::name).toList();
    }

    private void tell(Path file, LatentReading reading) throws IOException {
        Latents latents = reading.latents();
        LatentShape shape = latents.shape();
        facts.begin("latents", file + ": latents");
        facts.value("file", file.toString());
        try (TensorFile tensors = TensorFile.open(file)) {
            List<String> names = tensors.tensors().values().stream()
                    .map(t -> t.name() + " " + t.dtype())
                    .toList();
            facts.line("tensors", String.join(", ", names));
            facts.value("tensors", names);
        }
        facts.line("shape", shape + " (batch, channels, frames, height, width)");
        facts.value("shape", sizes(shape));
        facts.line("values are", latents.normalized() ? "normalised" : "raw");
        facts.value("normalized", latents.normalized());
        List<String> notes = reading.notes().stream()
                .map(note -> note.text().replaceFirst("^" + Pattern.quote(latents.name() + ": "), ""))
                .toList();
        for (String note : notes) facts.line("note", note);
        facts.value("notes", notes);
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
        double mean = sum / (count - nonfinite);
        if (nonfinite < count)
            facts.line("values", String.format(Locale.ROOT, "min %.4g, max %.4g, mean %.4g", min, max, mean));
        facts.line("finite", nonfinite == 0 ? "all" : nonfinite + " of " + count + " are NaN or infinite");
        facts.value("min", min);
        facts.value("max", max);
        facts.value("mean", mean);
        facts.value("nonfinite", nonfinite);
    }

    private void tell(Path weights, LatentShape shape, DecodePlan plan) throws IOException {
        facts.begin("decode", "decoding latents " + shape);
        facts.value("weights", weights.toString());
        facts.value("latents", sizes(shape));
        tell(plan.video());
        cost(plan.operations(), plan.memory(), plan.limit(), plan.weights(), plan.disk(), plan.threads(), plan.steps());
    }

    /** Prints the cost of encoding a video that becomes latents of the size of {@code --for}. */
    private void tellEncode(Path weights, VaeConfig config) throws IOException {
        VideoShape video = new VideoShape(
                1,
                1 + config.temporalScale() * (size.frames() - 1),
                size.height() * config.spatialScale(),
                size.width() * config.spatialScale(),
                config.imageChannels());
        EncodePlan plan = WanVae.planEncode(config, video, division.apply(threads.encodeOptions()));
        facts.begin("encode", "encoding " + Report.video(video));
        facts.value("weights", weights.toString());
        tell(video);
        cost(plan.operations(), plan.memory(), plan.limit(), plan.weights(), plan.disk(), plan.threads(), plan.steps());
    }

    private void tell(VideoShape video) throws IOException {
        facts.line("video", Report.video(video));
        facts.value("videos", video.members());
        facts.value("frames", video.frames());
        facts.value("height", video.height());
        facts.value("width", video.width());
    }

    private void cost(
            double operations, long memory, long limit, long weights, long disk, int threads, List<String> steps)
            throws IOException {
        facts.line("operations", String.format(Locale.ROOT, "%,.0f GFLOP as direct convolution", operations / 1e9));
        facts.value("operations", operations);
        facts.line(
                "memory",
                ByteSize.text(memory)
                        + (memory > limit
                                ? " at least, more than the " + ByteSize.text(limit) + " it may take"
                                : " at most, " + ByteSize.text(weights) + " of it weights"));
        facts.value("memory", memory);
        facts.value("memory_limit", limit);
        facts.value("weights_memory", weights);
        facts.line("disk", disk == 0 ? "none" : ByteSize.text(disk) + " for temporary files");
        facts.value("disk", disk);
        facts.add("threads", "threads", threads);
        for (int i = 0; i < steps.size(); i++) facts.line(i == 0 ? "plan" : "", steps.get(i));
        facts.value("plan", steps);
    }

    private static List<Integer> sizes(LatentShape shape) {
        return List.of(shape.batch(), shape.channels(), shape.frames(), shape.height(), shape.width());
    }
}
