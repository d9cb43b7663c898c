package wanvae.bench;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.cli.bench.FmaPeak;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVideo;

/**
 * A process that encodes a generated video in libtorch: {@code RivalEncode WEIGHTS SIZE THREADS MOMENTS}, SIZE that of the
 * latents. MOMENTS is a file that the result goes to, or {@code -}.
 */
final class RivalEncode {
    private RivalEncode() {}

    public static void main(String[] args) throws IOException {
        Size size = Size.parse(args[1]);
        int threads = Integer.parseInt(args[2]);
        torch.set_num_threads(threads);
        try (InferenceMode mode = new InferenceMode(true);
                Checkpoint weights = Checkpoint.open(Path.of(args[0]))) {
            double before = FmaPeak.gflops(threads);
            Flat result = encode(weights, size, Path.of(args[3]));
            Flat again = encode(weights, size, Path.of("-")); // the better one counts, as with our encodes
            if (again.number("seconds") < result.number("seconds")) result = again;
            System.out.println(result.with("peak_gflops", Math.max(before, FmaPeak.gflops(threads)))
                    .with("peak_memory_mb", Child.peakMemoryMb()));
        }
    }

    private static Flat encode(Checkpoint weights, Size size, Path moments) throws IOException {
        int height = 8 * size.height(), width = 8 * size.width(), plane = height * width;
        GeneratedVideo video = new GeneratedVideo(new VideoShape(1, size.videoFrames(), height, width), Rival.SEED);
        Moments kept = new Moments(size);
        try (TorchEncoder encoder = new TorchEncoder(weights, ScalarType.Float)) {
            double cpu = Child.cpuSeconds();
            long start = System.nanoTime();
            for (int t = 0; t < size.frames(); t++) {
                int frames = t == 0 ? 1 : 4;
                float[] chunk = new float[3 * frames * plane];
                for (int i = 0; i < frames; i++) {
                    Frame frame = video.next().orElseThrow();
                    float[] pixels = frame.pixels().toArray(ValueLayout.JAVA_FLOAT);
                    for (int c = 0; c < 3; c++)
                        for (int p = 0; p < plane; p++) chunk[(c * frames + i) * plane + p] = pixels[3 * p + c];
                }
                try (FloatPointer values = new FloatPointer(chunk);
                        Tensor x = torch.from_blob(values, 1, 3, frames, height, width);
                        Tensor y = encoder.encode(x)) {
                    kept.put(t, y.data_ptr_float());
                }
            }
            Flat result = new Flat()
                    .with("seconds", (System.nanoTime() - start) / 1e9)
                    .with("cpu_seconds", Child.cpuSeconds() - cpu);
            if (!moments.toString().equals("-")) kept.write(moments);
            return result;
        }
    }
}
