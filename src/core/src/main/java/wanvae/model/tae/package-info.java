/**
 * The networks of tiny autoencoders. Begin with {@link wanvae.model.tae.TaeDecoder}, which follows the data from input
 * to output.
 */
package wanvae.model.tae;
