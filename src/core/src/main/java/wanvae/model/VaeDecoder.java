package wanvae.model;

import wanvae.config.VaeConfig;

/** A family's decoder, its weights packed and ready. Immutable and safe for many decodes at once. */
public sealed interface VaeDecoder permits wanvae.model.wan.WanDecoder, wanvae.model.hunyuan.HunyuanDecoder {
    VaeConfig config();
}
