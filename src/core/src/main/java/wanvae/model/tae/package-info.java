/** The networks of tiny autoencoders. {@link wanvae.model.tae.TaeDecoder} reads from input to output. */
package wanvae.model.tae;
