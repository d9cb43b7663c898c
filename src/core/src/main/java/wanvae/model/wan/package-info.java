/** The network of Wan 2.1, Wan 2.2 and Qwen-Image. {@link wanvae.model.wan.WanDecoder} reads from input to output. */
package wanvae.model.wan;
