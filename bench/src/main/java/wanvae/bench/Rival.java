package wanvae.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.cli.bench.FmaPeak;
import wanvae.config.LatentScaling;
import wanvae.config.TaeConfig;
import wanvae.generated.GeneratedWeights;

/**
 * A process that decodes generated latents in libtorch: {@code Rival WEIGHTS SIZE THREADS fp32|bf16 PICTURE}. PICTURE
 * is the file of a {@link Picture}. Before anything is timed it decodes small latents whose true picture is known
 * (weights and latents of seed 1).
 */
final class Rival {
    /** Of generated weights and latents. */
    static final long SEED = 1;

    private static final Size GOLDEN = new Size(3, 8, 8);

    private Rival() {}

    public static void main(String[] args) throws IOException {
        Size size = Size.parse(args[1]);
        int threads = Integer.parseInt(args[2]);
        ScalarType type = args[3].equals("bf16") ? ScalarType.BFloat16 : ScalarType.Float;
        torch.set_num_threads(threads);
        try (InferenceMode mode = new InferenceMode(true);
                Checkpoint weights = Checkpoint.open(Path.of(args[0]))) {
            boolean tiny = weights.config() instanceof TaeConfig; // compared with our picture only
            double error = tiny ? 0 : goldenError(decode(weights, type, GOLDEN, new Flat()));
            if (!(error <= Picture.tolerance(args[3])))
                throw new IllegalStateException("libtorch's picture differs from the reference's by " + error);
            Flat result = new Flat();
            double before = FmaPeak.gflops(threads);
            Picture picture = decode(weights, type, size, result);
            Flat again = new Flat(); // the better one counts, as with our decodes
            decode(weights, type, size, again);
            if (again.number("seconds") < result.number("seconds")) result = again;
            double peak = Math.max(before, FmaPeak.gflops(threads));
            picture.write(Path.of(args[4]));
            System.out.println(result.with("peak_gflops", peak)
                    .with("golden_error", error)
                    .with("peak_memory_mb", Child.peakMemoryMb()));
        }
    }

    /** Loads the model, then decodes generated latents and tells the time of that alone. */
    private static Picture decode(Checkpoint weights, ScalarType type, Size size, Flat result) throws IOException {
        int plane = size.height() * size.width(), channels = weights.config().latentChannels();
        LatentScaling scaling = weights.config().latentScaling();
        MemorySegment latents = GeneratedWeights.latents(size.latents(), SEED).values();
        Picture picture = new Picture(size);
        try (TorchModel decoder = TorchModel.decoder(weights, type)) {
            double cpu = Child.cpuSeconds();
            long start = System.nanoTime();
            for (int t = 0, done = 0; t < size.frames(); t++) {
                float[] latent = new float[channels * plane];
                for (int c = 0; c < channels; c++)
                    MemorySegment.copy(
                            latents,
                            ValueLayout.JAVA_FLOAT,
                            4L * (c * size.frames() + t) * plane,
                            latent,
                            c * plane,
                            plane);
                for (int i = 0; i < latent.length && weights.config().decodesNormalized(); i++)
                    latent[i] = (latent[i] - scaling.shifts().get(i / plane))
                            * scaling.divisors().get(i / plane);
                try (FloatPointer values = new FloatPointer(latent);
                        Tensor z = torch.from_blob(values, 1, channels, 1, size.height(), size.width());
                        Tensor x = decoder.forward(z)) {
                    int frames = (int) x.size(2);
                    picture.put(done, frames, x.data_ptr_float());
                    done += frames;
                }
                if (t == 0) result.with("first_frame_seconds", (System.nanoTime() - start) / 1e9);
            }
            result.with("seconds", (System.nanoTime() - start) / 1e9).with("cpu_seconds", Child.cpuSeconds() - cpu);
        }
        return picture;
    }

    /**
     * Greatest difference from what diffusers makes of {@link #GOLDEN} latents, at every fourth pixel of rows 1, 5, …
     * and columns 2, 6, ….
     */
    private static double goldenError(Picture picture) throws IOException {
        try (InputStream in = Rival.class.getResourceAsStream("golden-3x8x8.f32")) {
            FloatBuffer golden = ByteBuffer.wrap(in.readAllBytes())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
            double error = 0;
            for (int c = 0; c < 3; c++)
                for (int t = 0; t < GOLDEN.videoFrames(); t++)
                    for (int y = 1; y < 8 * GOLDEN.height(); y += 4)
                        for (int x = 2; x < 8 * GOLDEN.width(); x += 4)
                            error = Math.max(error, Math.abs(golden.get() - picture.get(c, t, y, x)));
            return error;
        }
    }
}
