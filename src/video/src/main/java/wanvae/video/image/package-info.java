/** Still and animated images: PNG, the palette of a GIF, names of numbered files. */
package wanvae.video.image;
