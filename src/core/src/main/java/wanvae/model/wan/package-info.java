/**
 * The network of Wan 2.1, Wan 2.2 and Qwen-Image. Begin with {@link wanvae.model.wan.WanDecoder}, which follows the
 * data from input to output.
 */
package wanvae.model.wan;
