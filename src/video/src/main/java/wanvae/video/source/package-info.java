/** Frames that were not decoded here: Y4M, PNG and tensor files, read one picture at a time. */
package wanvae.video.source;
