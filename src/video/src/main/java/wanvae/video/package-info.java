/**
 * From float frames to files people keep. A {@link wanvae.frame.FrameSink} takes what a decoder makes; the sinks here
 * take any {@link wanvae.video.Picture} and are opened by their ending with {@link wanvae.video.VideoOutput}. Frames
 * made elsewhere come from a {@link wanvae.video.FrameSource}, or go straight through {@link
 * wanvae.video.ExportToVideo}.
 *
 * <p>All outputs are written beside their final names and moved there when they are complete.
 */
package wanvae.video;
