/**
 * Writes frames to media files. A {@link wanvae.frame.FrameSink} takes the frames of a decoder; the sinks of this
 * package also take any {@link wanvae.video.picture.Picture}. {@link wanvae.video.VideoOutput} opens them by the ending
 * of a name. Frames from other programs are read by a {@link wanvae.video.source.PictureSource}, or exported directly
 * by {@link wanvae.video.ExportToVideo}.
 *
 * <p>Files are written beside their final names and moved there when they are complete.
 */
package wanvae.video;
