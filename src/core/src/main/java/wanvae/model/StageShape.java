package wanvae.model;

import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/**
 * Shape of all the {@link StageOutput}s of one clip at one boundary between stages.
 *
 * @param frames           frames of the clip at this boundary
 * @param height           rows of the whole picture
 * @param width            columns of the whole picture
 * @param channels         channels of the frames
 * @param shortcutChannels channels of the shortcut, 0 where there is none
 */
public record StageShape(int frames, int height, int width, int channels, int shortcutChannels) {
    public Window picture() {
        return Window.whole(height, width);
    }

    /** Bytes of one of the frames. */
    public long frameBytes() {
        return Frames.bytes(height, width, channels);
    }

    /** Bytes of one frame of the shortcut. */
    public long shortcutBytes() {
        return shortcutChannels == 0 ? 0 : Frames.bytes(height, width, shortcutChannels);
    }
}
