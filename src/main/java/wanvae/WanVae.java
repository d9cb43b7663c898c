package wanvae;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.checkpoint.VaeConfig;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.video.FrameSink;

/**
 * An open VAE: its decoder's weights packed in off-heap memory. Immutable and safe for many decodes at once; each decode owns its scratch
 * and feature caches and frees them when it ends, however it ends. Closing frees the weights; decodes must have ended.
 */
public final class WanVae implements AutoCloseable {
    private WanVae() {}

    /**
     * Opens a VAE: a diffusers {@code vae/} folder, a pipeline folder that contains one, a .safetensors, a .pth or a .wanvae file.
     *
     * @throws wanvae.tensorfile.FormatException if the file is not a VAE we can decode with, in one sentence
     * @throws IOException if it cannot be read
     */
    public static WanVae open(Path weights) throws IOException {
        return open(weights, OpenOptions.DEFAULT);
    }

    /** As {@link #open(Path)}, with options. */
    public static WanVae open(Path weights, OpenOptions options) throws IOException {
        throw new UnsupportedOperationException("not written yet");
    }

    public VaeConfig config() {
        throw new UnsupportedOperationException("not written yet");
    }

    /** What decoding latents of this shape will cost. @throws IllegalArgumentException if this VAE cannot decode them, in one sentence */
    public DecodePlan plan(LatentShape latents, DecodeOptions options) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Decodes with {@link DecodeOptions#DEFAULT}. */
    public void decode(Latents latents, FrameSink sink) throws IOException {
        decode(latents, sink, DecodeOptions.DEFAULT);
    }

    /**
     * Decodes latents into a sink: begin, every frame of every member in order, finish. Does not close the sink.
     *
     * @throws IllegalArgumentException if the latents do not fit this VAE, in one sentence
     * @throws wanvae.tensorfile.FormatException if latents or results are not finite (unless allowed), naming the first position
     * @throws java.util.concurrent.CancellationException if cancelled or interrupted
     * @throws IOException what the sink threw
     */
    public void decode(Latents latents, FrameSink sink, DecodeOptions options) throws IOException {
        throw new UnsupportedOperationException("not written yet");
    }

    @Override
    public void close() {}
}
