package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.kernel.Unpatchify;
import wanvae.model.FrameConsumer;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.Team;

/** Puts the windows of a group of frames together, and hands each frame on when its last row is there. */
final class Assembly implements FrameConsumer {
    /** Takes whole pictures in order. */
    @FunctionalInterface
    interface PictureConsumer {
        /**
         * @param picture {@code [H][W][3]}, valid during the call
         * @param bad     position (row · W + column) of the first value that is not finite, or -1
         */
        void accept(int frame, MemorySegment picture, long bad) throws IOException;
    }

    private final Team team;
    private final int patch;
    private final boolean clamp;
    private final MemorySegment pictures;
    private final PictureConsumer consumer;
    private final long[] bad = new long[WanDecoder.GROUP];

    /**
     * @param patch    of the model
     * @param pictures room for {@link #bytes}, the caller's
     */
    Assembly(Team team, int patch, boolean clamp, MemorySegment pictures, PictureConsumer consumer) {
        this.team = team;
        this.patch = patch;
        this.clamp = clamp;
        this.pictures = pictures;
        this.consumer = consumer;
    }

    /** Bytes of the pictures of a group of frames. */
    static long bytes(int height, int width) {
        return 12L * WanDecoder.GROUP * height * width;
    }

    @Override
    public void accept(int frame, Frames frames) throws IOException {
        int rows = frames.window().pictureHeight();
        long size = 12L * rows * frames.window().pictureWidth() * patch * patch;
        for (int t = 0; t < frames.count(); t++) {
            long first = Unpatchify.picture(team, frames, t, patch, clamp, pictures.asSlice(t * size, size));
            if (frames.window().y() == 0 || bad[t] < 0) bad[t] = first;
        }
        if (frames.window().bottom() == rows)
            for (int t = 0; t < frames.count(); t++)
                consumer.accept(frame + t, pictures.asSlice(t * size, size), bad[t]);
    }
}
