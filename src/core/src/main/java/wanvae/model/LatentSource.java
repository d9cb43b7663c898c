package wanvae.model;

import java.lang.foreign.MemorySegment;

/** Gives latent frames as the decoder wants them: denormalised, channels last. */
@FunctionalInterface
public interface LatentSource {
    /** @param target {@code [H][W][padded(z_dim)]} floats, zeros beyond z_dim */
    void read(int frame, MemorySegment target);
}
