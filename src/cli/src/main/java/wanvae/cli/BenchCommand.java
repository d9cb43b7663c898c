package wanvae.cli;

import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wanvae.WanVae;
import wanvae.cli.bench.Benchmark;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.FrameTiling;
import wanvae.latent.LatentShape;

/** {@code wanvae bench}: measures how fast this machine decodes or encodes. */
@Command(
        name = "bench",
        sortOptions = false,
        customSynopsis = "wanvae bench [--latents FxHxW] [--encode] [--threads N] [--json]",
        description =
                "Measure this machine: its FMA peak, and the speed of a full-size decoder with generated weights.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae bench                        17 frames of 256x256 on all processors",
            "  wanvae bench --encode               the same video to latents",
            "  wanvae bench --threads 1 --json     one core, for a script"
        })
final class BenchCommand implements Callable<Integer> {
    private final Console console;
    private final Interruption interruption;

    @Option(
            names = "--latents",
            paramLabel = "FxHxW",
            converter = LatentSize.Converter.class,
            defaultValue = "5x32x32",
            description = "Latent frames, height and width (default: 5x32x32).")
    private LatentSize size;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "wan2.1",
            description = "wan2.1 (default), wan2.2, hunyuanvideo (all of its frames in one tile), or a tiny "
                    + "autoencoder, such as taew2_1.")
    private String model;

    @Option(names = "--encode", description = "Measure the encoder, on a video that becomes latents of this size.")
    private boolean encode;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private CommonFlags common;

    BenchCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        VaeConfig config = PublishedVae.of(model)
                .map(PublishedVae::config)
                .orElseThrow(() -> new UsageException("--model: " + model + " is none of "
                        + Arrays.stream(PublishedVae.values())
                                .map(PublishedVae::id)
                                .collect(Collectors.joining(", "))
                        + "."));
        DecodeOptions options =
                threads.decodeOptions().withCancelled(interruption).withFrameTiling(FrameTiling.OFF);
        LatentShape shape = size.shape(config.latentChannels());
        DecodePlan plan = WanVae.plan(config, shape, options);
        if (plan.memory() > plan.limit())
            throw new IOException("--latents: decoding latents " + shape + " takes at least "
                    + ByteSize.text(plan.memory()) + " of memory, and this machine has " + ByteSize.text(plan.limit()));
        if (encode && !config.encodes()) throw new UsageException("--encode: no encoder of " + model + " is known.");
        Benchmark b = encode
                ? Benchmark.encode(config, shape, threads.encodeOptions().withCancelled(interruption))
                : Benchmark.run(config, shape, options);
        String latents = size.frames() + "x" + size.height() + "x" + size.width();
        long megabytes = Math.round(b.peakMemory() / 1e6);
        String text = json
                ? String.format(
                        Locale.ROOT,
                        "{\"threads\": %d, \"peak_gflops\": %.1f, \"effective_gflops\": %.1f, \"multiple_of_peak\": %.3f, "
                                + "\"seconds_per_frame\": %.4f, \"first_frame_seconds\": %.3f, \"peak_memory_mb\": %d, \"latents\": \"%s\", \"vector_bits\": %d}%n",
                        b.threads(),
                        b.peakGflops(),
                        b.effectiveGflops(),
                        b.multipleOfPeak(),
                        b.secondsPerFrame(),
                        b.firstFrameSeconds(),
                        megabytes,
                        latents,
                        b.vectorBits())
                : String.format(
                        Locale.ROOT,
                        "threads            %d, vectors of %d bits%nFMA peak           %.1f GFLOP/s%neffective speed    %.1f GFLOP/s, "
                                + "counted as direct convolution%nmultiple of peak   %.2f%nper frame          %.3f s (latents %s)%nfirst frame        %.2f s%n"
                                + "peak memory        %d MB%n",
                        b.threads(),
                        b.vectorBits(),
                        b.peakGflops(),
                        b.effectiveGflops(),
                        b.multipleOfPeak(),
                        b.secondsPerFrame(),
                        latents,
                        b.firstFrameSeconds(),
                        megabytes);
        try (Writer out = console.text()) {
            out.write(text);
        }
        return 0;
    }
}
