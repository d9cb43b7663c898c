package wanvae.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/**
 * The speed of this machine: a full-size decoder or encoder with generated weights runs twice, and the second run is
 * measured.
 *
 * @param threads           threads of the arithmetic
 * @param peakGflops        10^9 operations a second of plain FMAs on as many threads: the better of two measurements,
 *                          before and after
 * @param effectiveGflops   10^9 operations a second of the run, counted as direct convolution with all taps
 * @param secondsPerFrame   seconds for each frame of the video
 * @param firstFrameSeconds seconds from the start of the decode to the first frame
 * @param peakMemory        largest resident memory of this process so far, in bytes; the plan's memory where the system
 *                          does not report it
 * @param vectorBits        width of the vectors in bits
 */
public record Benchmark(
        int threads,
        double peakGflops,
        double effectiveGflops,
        double secondsPerFrame,
        double firstFrameSeconds,
        long peakMemory,
        LatentShape latents,
        int vectorBits) {

    public double multipleOfPeak() {
        return effectiveGflops / peakGflops;
    }

    /**
     * Measures Wan 2.1's decoder with latents of this shape, which has 16 channels. It takes a few gigabytes and about
     * three times as long as a decode.
     */
    public static Benchmark run(LatentShape shape, DecodeOptions options) throws IOException {
        return run(WanConfig.WAN_2_1, shape, options);
    }

    /** As {@link #run(LatentShape, DecodeOptions)}, for any model. */
    public static Benchmark run(VaeConfig model, LatentShape shape, DecodeOptions options) throws IOException {
        Latents latents = GeneratedWeights.latents(shape, 1);
        double peak = FmaPeak.gflops(options.threads());
        try (WanVae vae = WanVae.open(new GeneratedWeights(model, 1), OpenOptions.DEFAULT.withKeepMemory(true))) {
            DecodePlan plan = vae.plan(shape, options);
            vae.decode(latents, (member, index, frame) -> {}, options);
            long[] first = {0};
            long start = System.nanoTime();
            vae.decode(
                    latents,
                    (member, index, frame) -> {
                        if (first[0] == 0) first[0] = System.nanoTime();
                    },
                    options);
            double seconds = (System.nanoTime() - start) * 1e-9;
            peak = Math.max(peak, FmaPeak.gflops(options.threads()));
            return new Benchmark(
                    options.threads(),
                    peak,
                    plan.operations() / seconds * 1e-9,
                    seconds / (plan.video().members() * plan.video().frames()),
                    (first[0] - start) * 1e-9,
                    residentPeak(plan.memory()),
                    shape,
                    FmaPeak.SPECIES.vectorBitSize());
        }
    }

    /**
     * Measures the encoder on a video that becomes latents of this shape; {@code firstFrameSeconds} ends at the first
     * latent frame.
     */
    public static Benchmark encode(VaeConfig model, LatentShape latents, EncodeOptions options) throws IOException {
        VideoShape shape = new VideoShape(
                1,
                1 + model.temporalScale() * (latents.frames() - 1),
                latents.height() * model.spatialScale(),
                latents.width() * model.spatialScale());
        double peak = FmaPeak.gflops(options.threads());
        OpenOptions opening = OpenOptions.DEFAULT.withKeepMemory(true).withHalves(Half.ENCODER);
        try (WanVae vae = WanVae.open(new GeneratedWeights(model, 1), opening)) {
            EncodePlan plan = vae.planEncode(shape, options);
            vae.encode(new GeneratedVideo(shape, 1), options);
            long[] first = {0};
            long start = System.nanoTime();
            vae.encode(
                    new GeneratedVideo(shape, 1),
                    (member, index, values) -> {
                        if (index == 0) first[0] = System.nanoTime();
                    },
                    options);
            double seconds = (System.nanoTime() - start) * 1e-9;
            peak = Math.max(peak, FmaPeak.gflops(options.threads()));
            return new Benchmark(
                    options.threads(),
                    peak,
                    plan.operations() / seconds * 1e-9,
                    seconds / shape.frames(),
                    (first[0] - start) * 1e-9,
                    residentPeak(plan.memory()),
                    latents,
                    FmaPeak.SPECIES.vectorBitSize());
        }
    }

    private static long residentPeak(long otherwise) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) return otherwise;
        for (String line : Files.readAllLines(status))
            if (line.startsWith("VmHWM:")) return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        return otherwise;
    }
}
