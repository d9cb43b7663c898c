/**
 * The families of VAEs, each tied together in one class from its configuration, its files and its network: {@link
 * wanvae.family.VaeFamily} says what a family must provide and lists them all.
 */
package wanvae.family;
