package wanvae.model;

import wanvae.config.VaeConfig;

/**
 * A family's decoder with its weights. Immutable and safe for many decodes at once; a decode's state lives in its
 * {@link ForwardContext}.
 */
public sealed interface VaeDecoder permits StreamingDecoder, ClipDecoder {
    VaeConfig config();
}
