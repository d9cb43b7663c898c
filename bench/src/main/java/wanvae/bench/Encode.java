package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.cli.bench.FmaPeak;
import wanvae.config.Half;
import wanvae.encode.EncodeOptions;
import wanvae.encode.Posterior;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;
import wanvae.kernel.Simd;

/**
 * A process that encodes a generated video with wanvae: {@code Encode WEIGHTS SIZE THREADS TIMES MOMENTS}, SIZE that of
 * the latents. Encodes TIMES times and tells the best of all but the first, which the compiler takes part in. MOMENTS is
 * a file that the result goes to, or {@code -}.
 */
final class Encode {
    private Encode() {}

    public static void main(String[] args) throws IOException {
        Size size = Size.parse(args[1]);
        int threads = Integer.parseInt(args[2]), times = Integer.parseInt(args[3]);
        EncodeOptions options = EncodeOptions.DEFAULT.withThreads(threads).withPosterior(Posterior.MOMENTS);
        VideoShape shape = new VideoShape(1, size.videoFrames(), 8 * size.height(), 8 * size.width());
        OpenOptions opening = OpenOptions.DEFAULT.withKeepMemory(true).withHalves(Half.ENCODER);
        try (WanVae vae = WanVae.open(Path.of(args[0]), opening)) {
            double before = FmaPeak.gflops(threads);
            Flat result = new Flat();
            Moments moments = new Moments(size);
            for (int i = 0; i < times; i++) {
                double cpu = Child.cpuSeconds();
                long start = System.nanoTime();
                vae.encode(
                        new GeneratedVideo(shape, Rival.SEED),
                        (member, index, values) -> moments.put(index, values),
                        options);
                double seconds = (System.nanoTime() - start) / 1e9;
                if (i == 0 && times > 1 || result.has("seconds") && result.number("seconds") <= seconds) continue;
                result.with("seconds", seconds).with("cpu_seconds", Child.cpuSeconds() - cpu);
            }
            if (!args[4].equals("-")) moments.write(Path.of(args[4]));
            System.out.println(result.with("peak_gflops", Math.max(before, FmaPeak.gflops(threads)))
                    .with("peak_memory_mb", Child.peakMemoryMb())
                    .with("vector_bits", 32 * Simd.LANES));
        }
    }
}
