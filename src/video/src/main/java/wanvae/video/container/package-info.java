/** MP4 and QuickTime: coded pictures into files, and into streams as they come. */
package wanvae.video.container;
