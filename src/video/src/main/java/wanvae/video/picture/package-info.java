/**
 * Pictures in the forms that frames come in, the sinks that take them, and the properties of a clip: frame rate, pixel
 * shape and colour.
 */
package wanvae.video.picture;
