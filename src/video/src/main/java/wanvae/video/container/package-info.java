/** Writes MP4 and QuickTime: coded pictures into files, or into streams as they come. */
package wanvae.video.container;
