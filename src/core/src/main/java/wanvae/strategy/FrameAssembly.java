package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.model.StageOutput;
import wanvae.model.StageSink;
import wanvae.runtime.Team;

/** Puts the bands of a group of frames together, and hands each frame on when its last row is there. */
final class FrameAssembly implements StageSink {
    /** Takes whole pictures in order. */
    @FunctionalInterface
    interface PictureConsumer {
        /**
         * Takes a picture.
         *
         * @param picture {@code [H][W][channels]}, valid during the call
         * @param bad     position (row · W + column) of the first value that is not finite, or -1
         */
        void accept(int frame, MemorySegment picture, long bad) throws IOException;
    }

    private final Team team;
    private final PixelFormat format;
    private final boolean clamp;
    private final MemorySegment pictures;
    private final PictureConsumer consumer;
    /** For each frame of the group the first bad position so far. */
    private final long[] bad;

    /**
     * @param group    the most frames that come together
     * @param format   what the decoder's output becomes
     * @param clamp    whether samples are clamped to [-1, 1]
     * @param pictures memory for the pictures of a group; owned by the caller
     */
    FrameAssembly(
            Team team, int group, PixelFormat format, boolean clamp, MemorySegment pictures, PictureConsumer consumer) {
        this.team = team;
        this.format = format;
        this.clamp = clamp;
        this.pictures = pictures;
        this.consumer = consumer;
        this.bad = new long[group];
    }

    @Override
    public void accept(int first, StageOutput output) throws IOException {
        Frames frames = output.frames();
        int rows = frames.window().pictureHeight();
        int patch = format.patch();
        long size = format.bytes(rows * patch, frames.window().pictureWidth() * patch);
        for (int t = 0; t < frames.count(); t++) {
            long found = format.picture(team, frames, t, clamp, pictures.asSlice(t * size, size));
            if (frames.window().y() == 0 || bad[t] < 0) bad[t] = found;
        }
        if (frames.window().bottom() == rows)
            for (int t = 0; t < frames.count(); t++)
                consumer.accept(first + t, pictures.asSlice(t * size, size), bad[t]);
    }
}
