package wanvae.model;

import java.io.IOException;
import wanvae.latent.LatentShape;

/** A decoder whose layers each need all frames of the clip, so that memory grows with the clip. */
public non-sealed interface ClipDecoder extends VaeDecoder {
    /**
     * Decodes one clip.
     *
     * @param clip    shape of one member; its batch size does not matter
     * @param latents supplies all latent frames, {@code [H][W][latentChannels]}
     * @param sink    takes all frames of the video, {@code [H][W][3]}
     */
    void decode(ForwardContext context, LatentShape clip, StageSource latents, StageSink sink) throws IOException;
}
