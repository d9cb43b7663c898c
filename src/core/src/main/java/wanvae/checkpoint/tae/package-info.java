/** Tiny autoencoders on disk: configuration, tensor names, shapes, the table in a {@code .wanvae} file. */
package wanvae.checkpoint.tae;
