/**
 * Pictures in the forms that frames come in, what takes them, and what describes a clip of them: frame rate and colour.
 */
package wanvae.video.picture;
