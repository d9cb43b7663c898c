/**
 * Wan 2.1, Wan 2.2 and Qwen-Image on disk: configuration, tensor names, shapes, the table in a {@code .wanvae} file.
 */
package wanvae.checkpoint.wan;
