/**
 * From float frames to files that people keep. A {@link wanvae.frame.FrameSink} takes what a decoder makes; the sinks
 * here take any {@link wanvae.video.picture.Picture} and are opened by their ending with {@link
 * wanvae.video.VideoOutput}. Frames made elsewhere come from a {@link wanvae.video.source.PictureSource}, or go straight
 * through {@link wanvae.video.ExportToVideo}.
 *
 * <p>Files are written beside their final names and moved there when they are complete.
 */
package wanvae.video;
