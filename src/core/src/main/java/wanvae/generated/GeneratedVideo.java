package wanvae.generated;

import java.util.Optional;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;

/**
 * A video from a seed, for tests and benchmarks: independent pixels, roughly normal with deviation 0.55, clamped to
 * [-1, 1]. Each value is a pure function of shape, seed and its position in {@code [B][3][F][H][W]}.
 */
public final class GeneratedVideo implements FrameSource {
    private final VideoShape shape;
    private final long key;
    private int next;

    /** @param shape its number of frames must be known */
    public GeneratedVideo(VideoShape shape, long seed) {
        this.shape = shape;
        this.key = GeneratedWeights.key("video", seed);
    }

    @Override
    public VideoShape shape() {
        return shape;
    }

    /** The next frame, on the heap. */
    @Override
    public Optional<Frame> next() {
        if (next == shape.members() * shape.frames()) return Optional.empty();
        int member = next / shape.frames(), frame = next++ % shape.frames(), plane = shape.height() * shape.width();
        float[] pixels = new float[3 * plane];
        for (int c = 0; c < 3; c++) {
            long first = (((long) member * 3 + c) * shape.frames() + frame) * plane;
            for (int i = 0; i < plane; i++)
                pixels[3 * i + c] = Math.clamp(0.55f * GeneratedWeights.normal(key, first + i), -1f, 1f);
        }
        return Optional.of(Frame.of(shape.height(), shape.width(), pixels));
    }
}
