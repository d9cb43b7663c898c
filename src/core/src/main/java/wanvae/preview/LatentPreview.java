package wanvae.preview;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import wanvae.config.LatentRgb;
import wanvae.config.LatentScaling;
import wanvae.config.VaeConfig;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/**
 * A look at latents without decoding them: every latent pixel becomes a colour by {@link LatentRgb}, every latent frame
 * a frame. It needs no weights and takes milliseconds.
 *
 * <p>Frames hold the levels of 8 bits that ComfyUI's previews have, {@code trunc(255 · clamp(v / 2 + 1/2, 0, 1))}, each
 * at the middle of its interval, so that rounding and truncating outputs agree.
 */
public final class LatentPreview {
    /** Latent pixels become at most this many pixels high and wide. */
    public static final int LARGEST_SCALE = 16;

    private final Latents latents;
    private final LatentRgb colors;
    private final LatentScaling scaling;
    private final int scale;

    private LatentPreview(Latents latents, LatentRgb colors, LatentScaling scaling, int scale) {
        this.latents = latents;
        this.colors = colors;
        this.scaling = scaling;
        this.scale = scale;
    }

    /**
     * A preview of latents, which are only read. Raw latents are normalised first.
     *
     * @param config configuration of the VAE that decodes such latents
     * @param scale  pixels that a latent pixel becomes along each axis, 1 to {@link #LARGEST_SCALE}; between latent
     *               pixels colours are interpolated linearly
     * @throws IllegalArgumentException if the latents have another number of channels than the VAE, no factors are
     *         known for it, or the scale is out of range, in one sentence
     */
    public static LatentPreview of(Latents latents, VaeConfig config, int scale) {
        LatentRgb colors = config.latentRgb()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no preview is known for latents of " + config.latentChannels() + " channels"));
        if (latents.shape().channels() != colors.channels())
            throw new IllegalArgumentException(
                    latents.name() + ": " + latents.shape().channels() + " latent channels, but " + config.family()
                            + " has " + colors.channels());
        if (scale < 1 || scale > LARGEST_SCALE)
            throw new IllegalArgumentException("a preview's scale is 1 to " + LARGEST_SCALE + ", not " + scale);
        return new LatentPreview(latents, colors, config.latentScaling(), scale);
    }

    /** What {@link #render} delivers: a frame for each latent frame. */
    public VideoShape shape() {
        LatentShape shape = latents.shape();
        return new VideoShape(shape.batch(), shape.frames(), scale * shape.height(), scale * shape.width());
    }

    /**
     * Delivers all frames of all members to a sink, which stays the caller's to close.
     *
     * @throws IOException what the sink threw
     */
    public void render(FrameSink sink) throws IOException {
        sink.begin(shape());
        for (int member = 0; member < latents.shape().batch(); member++)
            for (int frame = 0; frame < latents.shape().frames(); frame++)
                sink.frame(member, frame, frame(member, frame));
        sink.finish();
    }

    /**
     * One frame, in memory of its own.
     *
     * @throws IndexOutOfBoundsException if there is no such member or frame
     */
    public Frame frame(int member, int frame) {
        Objects.checkIndex(member, latents.shape().batch());
        Objects.checkIndex(frame, latents.shape().frames());
        LatentShape shape = latents.shape();
        float[] colors = colors(member, frame), pixels = new float[colors.length * scale * scale];
        int height = shape.height(), width = shape.width();
        for (int y = 0, at = 0; y < scale * height; y++) {
            // Centres of pixels: output pixel y lies at (y + 1/2) / scale - 1/2 of the latent's grid.
            float row = Math.clamp((y + 0.5f) / scale - 0.5f, 0, height - 1);
            int top = (int) row, bottom = Math.min(top + 1, height - 1);
            for (int x = 0; x < scale * width; x++) {
                float column = Math.clamp((x + 0.5f) / scale - 0.5f, 0, width - 1);
                int left = (int) column, right = Math.min(left + 1, width - 1);
                for (int c = 0; c < 3; c++) {
                    float above = mix(
                            colors[3 * (top * width + left) + c], colors[3 * (top * width + right) + c], column - left);
                    float below = mix(
                            colors[3 * (bottom * width + left) + c],
                            colors[3 * (bottom * width + right) + c],
                            column - left);
                    pixels[at++] = level(mix(above, below, row - top));
                }
            }
        }
        return new Frame(scale * height, scale * width, MemorySegment.ofArray(pixels));
    }

    private static float mix(float a, float b, float weight) {
        return a + (b - a) * weight;
    }

    /** The value in [-1, 1] that every output turns into the level of {@code v}; NaN becomes level 0. */
    private static float level(float v) {
        float unit = v / 2 + 0.5f;
        int level = unit > 0 ? (int) (Math.min(unit, 1) * 255) : 0;
        return (2 * level + 0.5f) / 255 - 1;
    }

    /** The colours of a latent frame, {@code [H][W][3]}. */
    private float[] colors(int member, int frame) {
        LatentShape shape = latents.shape();
        int plane = shape.height() * shape.width();
        float[] latent = new float[shape.channels()], rgb = new float[3], colors = new float[3 * plane];
        for (int i = 0; i < plane; i++) {
            for (int c = 0; c < latent.length; c++) {
                long at = (((long) member * shape.channels() + c) * shape.frames() + frame) * plane + i;
                float value = latents.values().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
                latent[c] = latents.normalized()
                        ? value
                        : (value - scaling.shifts().get(c)) * scaling.divisors().get(c);
            }
            this.colors.map(latent, rgb);
            System.arraycopy(rgb, 0, colors, 3 * i, 3);
        }
        return colors;
    }
}
