/** Frames from files, read one picture at a time: MP4 and QuickTime, GIF, Y4M, PNG, JPEG and tensor files. */
package wanvae.video.source;
