package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.DecodeOptions;
import wanvae.FrameTiling;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.GeneratedWeights;
import wanvae.kernel.FmaPeak;
import wanvae.kernel.Simd;
import wanvae.latent.Latents;
import wanvae.video.Frame;
import wanvae.video.FrameSink;

/**
 * A process that decodes generated latents with wanvae: {@code Decode WEIGHTS SIZE THREADS TIMES PICTURE}. Decodes TIMES times and
 * times the last. PICTURE is the file of a {@link Picture}, or {@code -}.
 */
final class Decode {
    private Decode() {}

    public static void main(String[] args) throws IOException {
        Size size = Size.parse(args[1]);
        int threads = Integer.parseInt(args[2]);
        Latents latents = GeneratedWeights.latents(size.latents(), Rival.SEED);
        DecodeOptions options = DecodeOptions.DEFAULT.withThreads(threads).withClamp(false).withFrameTiling(FrameTiling.OFF);
        Flat result = new Flat();
        int times = Integer.parseInt(args[3]);
        try (WanVae vae = WanVae.open(Path.of(args[0]), OpenOptions.DEFAULT.withKeepMemory(true))) {
            for (int i = 1; i < times; i++) vae.decode(latents, (member, index, frame) -> {}, options);
            double before = FmaPeak.gflops(threads);
            double cpu = Child.cpuSeconds();
            Arrivals timed = new Arrivals(size, !args[4].equals("-"));
            vae.decode(latents, timed, options);
            result.with("cpu_seconds", Child.cpuSeconds() - cpu).with("first_frame_cpu_seconds", timed.firstCpu - cpu);
            double peak = Math.max(before, FmaPeak.gflops(threads));
            if (timed.picture != null) timed.picture.write(Path.of(args[4]));
            System.out.println(result.with("first_frame_seconds", (timed.firstNanos - timed.startNanos) / 1e9)
                    .with("seconds", (timed.lastNanos - timed.startNanos) / 1e9).with("peak_gflops", peak)
                    .with("peak_memory_mb", Child.peakMemoryMb()).with("vector_bits", 32 * Simd.LANES));
        }
    }

    /** Notes when the first frame and the last arrive, and keeps the picture where there is one to keep. */
    private static final class Arrivals implements FrameSink {
        private final Picture picture;
        private final int frames;
        private final long startNanos = System.nanoTime();
        private long firstNanos, lastNanos;
        private double firstCpu;

        Arrivals(Size size, boolean keep) {
            this.picture = keep ? new Picture(size) : null;
            this.frames = size.videoFrames();
        }

        @Override
        public void frame(int member, int index, Frame frame) {
            if (index == 0) {
                firstNanos = System.nanoTime();
                firstCpu = Child.cpuSeconds();
            }
            if (index == frames - 1) lastNanos = System.nanoTime();
            if (picture != null) picture.put(index, frame);
        }
    }
}
