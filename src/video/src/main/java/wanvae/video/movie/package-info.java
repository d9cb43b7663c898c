/** MP4 and QuickTime files that others made. */
package wanvae.video.movie;
