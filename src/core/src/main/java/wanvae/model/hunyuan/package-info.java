/**
 * The network of HunyuanVideo. Begin with {@link wanvae.model.hunyuan.HunyuanDecoder}, which follows the data from
 * input to output.
 */
package wanvae.model.hunyuan;
