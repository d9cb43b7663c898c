package wanvae.latent;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Latents in memory: float32, contiguous, {@code [B][C][F][H][W]}.
 *
 * @param shape      the five sizes; rank-4 input is a batch of one
 * @param values     {@code 4 * B*C*F*H*W} bytes, kept alive by the garbage collector ({@code Arena.ofAuto} or a heap array)
 * @param normalized true: as a pipeline's {@code output_type="latent"} gives them, the decoder denormalises; false: what {@code vae.decode} receives
 * @param name       where they came from, for messages
 */
public record Latents(LatentShape shape, MemorySegment values, boolean normalized, String name) {

    /** Reads the tensor {@code latents}, else the only tensor, of a .safetensors, .npy, .pt or .pth file, as normalised latents. */
    public static Latents read(Path file) throws IOException {
        return read(file, null);
    }

    /** As {@link #read(Path)}, but the tensor named {@code key}. */
    public static Latents read(Path file, String key) throws IOException {
        throw new UnsupportedOperationException("not written yet");
    }

    /** The same values taken as what {@code vae.decode} receives: no denormalisation. */
    public Latents raw() {
        return new Latents(shape, values, false, name);
    }
}
