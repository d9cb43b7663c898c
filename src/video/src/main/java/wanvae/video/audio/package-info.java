/** Sound from files, as it is stored there. */
package wanvae.video.audio;
