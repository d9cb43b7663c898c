/** The network of HunyuanVideo. {@link wanvae.model.hunyuan.HunyuanDecoder} reads from input to output. */
package wanvae.model.hunyuan;
