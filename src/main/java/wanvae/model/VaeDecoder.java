package wanvae.model;

import wanvae.checkpoint.VaeConfig;

/** A family's decoder, its weights packed and ready. Immutable and safe for many decodes at once. */
public sealed interface VaeDecoder permits WanDecoder, HunyuanDecoder {
    VaeConfig config();
}
