package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.cli.bench.FmaPeak;
import wanvae.decode.DecodeOptions;
import wanvae.decode.FrameTiling;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.generated.GeneratedWeights;
import wanvae.kernel.Simd;
import wanvae.latent.Latents;

/**
 * A process that decodes generated latents with wanvae: {@code Decode WEIGHTS SIZE THREADS TIMES PICTURE [fresh]}.
 * Decodes TIMES times and tells the best of all but the first, which the compiler takes part in: other users of the
 * machine come and go. PICTURE is the file of a {@link Picture}, or {@code -}. A decode leaves its memory to the next,
 * as the rival's allocator does, unless it is to be fresh.
 */
final class Decode {
    private Decode() {}

    public static void main(String[] args) throws IOException {
        Size size = Size.parse(args[1]);
        int threads = Integer.parseInt(args[2]);
        Latents latents = GeneratedWeights.latents(size.latents(), Rival.SEED);
        DecodeOptions options =
                DecodeOptions.DEFAULT.withThreads(threads).withClamp(false).withFrameTiling(FrameTiling.OFF);
        Flat result = new Flat();
        int times = Integer.parseInt(args[3]);
        try (WanVae vae = WanVae.open(Path.of(args[0]), OpenOptions.DEFAULT.withKeepMemory(args.length < 6))) {
            double before = FmaPeak.gflops(threads);
            Arrivals timed = null;
            Samples firstFrames = new Samples();
            for (int i = 0; i < times; i++) {
                timed = new Arrivals(size, !args[4].equals("-"));
                vae.decode(latents, timed, options);
                if (i == 0 && times > 1) continue;
                timed.best(result);
                firstFrames = firstFrames.with(timed.firstFrameSeconds());
            }
            double peak = Math.max(before, FmaPeak.gflops(threads));
            if (timed.picture != null) timed.picture.write(Path.of(args[4]));
            System.out.println(result.with("median_first_frame_seconds", firstFrames.median())
                    .with("peak_gflops", peak)
                    .with("peak_memory_mb", Child.peakMemoryMb())
                    .with("vector_bits", 32 * Simd.LANES));
        }
    }

    /** Notes when the first frame and the last arrive, and keeps the picture where there is one to keep. */
    private static final class Arrivals implements FrameSink {
        private final Picture picture;
        private final int frames;
        private final long startNanos = System.nanoTime();
        private final double startCpu = Child.cpuSeconds();
        private long firstNanos, lastNanos;
        private double firstCpu, lastCpu;

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
            if (index == frames - 1) {
                lastNanos = System.nanoTime();
                lastCpu = Child.cpuSeconds();
            }
            if (picture != null) picture.put(index, frame);
        }

        double firstFrameSeconds() {
            return (firstNanos - startNanos) / 1e9;
        }

        /** Into the result, unless a faster decode is there. */
        void best(Flat result) {
            double seconds = (lastNanos - startNanos) / 1e9;
            if (result.has("seconds") && result.number("seconds") <= seconds) return;
            result.with("seconds", seconds)
                    .with("cpu_seconds", lastCpu - startCpu)
                    .with("first_frame_seconds", firstFrameSeconds())
                    .with("first_frame_cpu_seconds", firstCpu - startCpu);
        }
    }
}
