package wanvae.generated;

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
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import wanvae.checkpoint.VaeConfigJson;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.runtime.PendingFile;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorInfo;

/** Writes generated weights as a diffusers {@code vae/} folder, and generated latents. */
public final class GeneratedVae {
    private static final int CHUNK = 1 << 18;

    private GeneratedVae() {}

    /**
     * Writes {@code config.json} and {@code diffusion_pytorch_model.safetensors}, taking little memory for any size:
     * the decoder, and the encoder where {@link GeneratedWeights} has one.
     *
     * @param folder created if it does not exist; files of these names in it are replaced
     */
    public static void writeVae(VaeConfig config, long seed, DType dtype, Path folder) throws IOException {
        writeVae(config, seed, dtype, folder, EnumSet.allOf(Half.class));
    }

    /** As the other {@code writeVae}, with these halves at most. */
    public static void writeVae(VaeConfig config, long seed, DType dtype, Path folder, Set<Half> halves)
            throws IOException {
        Files.createDirectories(folder);
        try (var generated = new GeneratedWeights(config, seed);
                var json = PendingFile.create(folder.resolve("config.json"), PendingFile.Existing.REPLACE_WRITABLE);
                var weights = PendingFile.create(
                        folder.resolve("diffusion_pytorch_model.safetensors"), PendingFile.Existing.REPLACE_WRITABLE)) {
            json.write(ByteBuffer.wrap(VaeConfigJson.write(config).getBytes(StandardCharsets.UTF_8)));
            var infos = new ArrayList<TensorInfo>();
            for (Half half : generated.halves())
                if (halves.contains(half)) infos.addAll(generated.tensors(half).values());
            weights.write(header(infos, dtype));
            for (TensorInfo info : infos) writeTensor(weights, info, seed, dtype);
            PendingFile.commit(List.of(json, weights));
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
        try (var pending = PendingFile.create(file, PendingFile.Existing.REPLACE_WRITABLE)) {
            pending.write(header(List.of(new TensorInfo("latents", DType.F32, sizes)), DType.F32));
            pending.write(latents.values().asByteBuffer());
            pending.commit();
        }
    }

    /**
     * Length and JSON header of a safetensors file with these tensors one after another, padded to a multiple of eight
     * bytes.
     */
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
        return ByteBuffer.allocate(8 + text.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.size())
                .put(text.toByteArray())
                .flip();
    }
}
