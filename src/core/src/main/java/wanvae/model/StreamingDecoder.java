package wanvae.model;

/**
 * A decoder that takes a clip a few frames at a time, so that memory does not grow with the clip. It runs from latents,
 * {@code [H][W][latentChannels]}, to the frames of the video before unpatchify, {@code [H][W][3·p·p]}.
 */
public non-sealed interface StreamingDecoder extends VaeDecoder, StreamingNetwork {}
