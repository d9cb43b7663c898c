/** Reads MP4 and QuickTime files. */
package wanvae.video.movie;
