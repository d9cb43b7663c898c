package wanvae;

import java.lang.foreign.ValueLayout;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;

/** Keeps everything it is given, as {@code [B][channels][F][H][W]}. */
class CollectingSink implements FrameSink {
    VideoShape shape;
    float[] samples;
    int frames;
    boolean finished;

    @Override
    public void begin(VideoShape shape) {
        this.shape = shape;
        samples = new float[shape.members() * shape.channels() * shape.frames() * shape.height() * shape.width()];
    }

    @Override
    public void frame(int member, int index, Frame frame) {
        if (member * shape.frames() + index != frames++)
            throw new AssertionError("frame " + index + " of member " + member + " came out of order");
        int plane = shape.height() * shape.width(), channels = shape.channels();
        if (frame.channels() != channels) throw new AssertionError(frame.channels() + " channels");
        float[] pixels = frame.pixels().toArray(ValueLayout.JAVA_FLOAT);
        for (int c = 0; c < channels; c++)
            for (int p = 0; p < plane; p++)
                samples[((member * channels + c) * shape.frames() + index) * plane + p] = pixels[channels * p + c];
    }

    @Override
    public void finish() {
        finished = true;
    }

    /** Those frames alone, as {@code [B][3][indexes][H][W]}. */
    float[] only(int[] indexes) {
        int plane = shape.height() * shape.width();
        float[] chosen = new float[shape.members() * 3 * indexes.length * plane];
        for (int bc = 0; bc < shape.members() * 3; bc++)
            for (int i = 0; i < indexes.length; i++)
                System.arraycopy(
                        samples,
                        (bc * shape.frames() + indexes[i]) * plane,
                        chosen,
                        (bc * indexes.length + i) * plane,
                        plane);
        return chosen;
    }
}
