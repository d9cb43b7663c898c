/**
 * What the families' readers and writers share: the values of a {@code config.json}, the tables of a {@code .wanvae}
 * header, lists of tensors. Nothing here knows a family.
 */
package wanvae.checkpoint.format;
