package wanvae.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorInfo;

/** Writes generated weights as a diffusers {@code vae/} folder, and generated latents; what {@code scripts/generated-vae} runs. */
public final class GeneratedVae {
    private static final int CHUNK = 1 << 18;
    private static final String SEED = "\\d{1,18}";

    private GeneratedVae() {}

    /**
     * Writes {@code config.json} and {@code diffusion_pytorch_model.safetensors}, decoder tensors only, taking little memory for any size.
     *
     * @param folder made where it does not exist; files of these names in it are replaced
     */
    public static void writeVae(VaeConfig config, long seed, DType dtype, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (var generated = new GeneratedWeights(config, seed); var json = new PendingFile(folder.resolve("config.json"));
                var weights = new PendingFile(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            json.write(ByteBuffer.wrap(VaeConfigJson.write(config).getBytes(StandardCharsets.UTF_8)));
            weights.write(header(generated.tensors().values(), dtype));
            for (TensorInfo info : generated.tensors().values()) writeTensor(weights, info, seed, dtype);
            json.complete();
            weights.complete();
        }
    }

    private static void writeTensor(PendingFile file, TensorInfo info, long seed, DType dtype) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4L * CHUNK);
            MemorySegment narrowed = arena.allocate((long) dtype.bytes() * CHUNK);
            long n = info.elements();
            for (long first = 0; first < n; first += CHUNK) {
                int count = (int) Math.min(CHUNK, n - first);
                GeneratedWeights.fill(info.name(), info.shape(), seed, first, values.asSlice(0, 4L * count));
                dtype.narrow(values, narrowed, count);
                file.write(narrowed.asSlice(0, (long) dtype.bytes() * count).asByteBuffer());
            }
        }
    }

    /** Writes generated latents as the tensor {@code latents} of a safetensors file, float32. */
    public static void writeLatents(LatentShape shape, long seed, Path file) throws IOException {
        Latents latents = GeneratedWeights.latents(shape, seed);
        long[] sizes = {shape.batch(), shape.channels(), shape.frames(), shape.height(), shape.width()};
        try (var pending = new PendingFile(file)) {
            pending.write(header(List.of(new TensorInfo("latents", DType.F32, sizes)), DType.F32));
            pending.write(latents.values().asByteBuffer());
            pending.complete();
        }
    }

    /** Length and JSON header of a safetensors file with these tensors one after another, padded to a multiple of eight bytes. */
    private static ByteBuffer header(Collection<TensorInfo> tensors, DType dtype) throws IOException {
        var text = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            long offset = 0;
            json.writeStartObject();
            for (TensorInfo info : tensors) {
                json.writeObjectFieldStart(info.name());
                json.writeStringField("dtype", dtype.name());
                json.writeFieldName("shape");
                json.writeArray(info.shape(), 0, info.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, offset += info.elements() * dtype.bytes()}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        while (text.size() % 8 != 0) text.write(' ');
        return ByteBuffer.allocate(8 + text.size()).order(ByteOrder.LITTLE_ENDIAN).putLong(text.size()).put(text.toByteArray()).flip();
    }

    /**
     * {@code SEED OUT_DIR [config.json] [--dtype f32|bf16|f16] [--latents SEED:BxCxFxHxW]}: the folder of {@link #writeVae}, and in it
     * {@code latents.safetensors} where latents are asked for. Without a configuration: Wan 2.1's.
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
        String latents = null;
        if (args.length < 2) throw usage();
        for (int i = 2; i < args.length; i++) {
            switch (args[i]) {
                case "--dtype" -> dtype = dtype(++i < args.length ? args[i] : "");
                case "--latents" -> latents = ++i < args.length ? args[i] : "";
                default -> config = VaeConfigJson.read(Path.of(args[i]));
            }
        }
        Path folder = Path.of(args[1]);
        long[] shape = latents == null ? null : numbers(latents, SEED + ":" + String.join("x", Collections.nCopies(5, "[1-9]\\d{0,4}")));
        writeVae(config, numbers(args[0], SEED)[0], dtype, folder);
        if (shape != null) {
            var sizes = new LatentShape((int) shape[1], (int) shape[2], (int) shape[3], (int) shape[4], (int) shape[5]);
            writeLatents(sizes, shape[0], folder.resolve("latents.safetensors"));
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
                "usage: generated-vae SEED OUT_DIR [config.json] [--dtype f32|bf16|f16] [--latents SEED:BxCxFxHxW]");
    }
}
