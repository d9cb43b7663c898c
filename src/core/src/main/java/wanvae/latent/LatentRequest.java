package wanvae.latent;

import java.util.List;
import java.util.Optional;

/**
 * What is known about latents before they are read; what is not known is found in the file, see {@link LatentReading}.
 * Immutable.
 *
 * @param key     the tensor's name
 * @param axes    order of its axes
 * @param size    size of the picture, which packed latents do not record
 * @param meaning what its values are
 * @param spaces  the VAEs whose latents these may be: the first one with the file's number of channels counts. If there
 *                are none, the file's axes are {@code [B][C][F][H][W]} or the last four of these
 */
public record LatentRequest(
        Optional<String> key,
        Optional<LatentAxes> axes,
        Optional<Size> size,
        Meaning meaning,
        List<LatentSpace> spaces) {
    /** Nothing is known. */
    public static final LatentRequest DEFAULT =
            new LatentRequest(Optional.empty(), Optional.empty(), Optional.empty(), Meaning.UNKNOWN, List.of());

    /** What the values of latents are. */
    public enum Meaning {
        /** Normalised, unless ComfyUI wrote the file: then their statistics decide. */
        UNKNOWN,
        /** As a pipeline's {@code output_type="latent"} gives them: the decoder denormalises. */
        NORMALIZED,
        /** What {@code vae.decode} receives. */
        RAW
    }

    /**
     * A picture's size, in pixels or in latent pixels: whichever the number of packed latents allows.
     *
     * @param height at least 1
     * @param width  at least 1
     */
    public record Size(int height, int width) {
        /** @throws IllegalArgumentException if one is less than 1 */
        public Size {
            if (height < 1 || width < 1)
                throw new IllegalArgumentException("a size of " + height + "x" + width + " is empty");
        }

        @Override
        public String toString() {
            return height + "x" + width;
        }
    }

    /** Copies the list. */
    public LatentRequest {
        spaces = List.copyOf(spaces);
    }

    /** This request for the tensor of this name. */
    public LatentRequest withKey(String key) {
        return new LatentRequest(Optional.of(key), axes, size, meaning, spaces);
    }

    /** This request for a tensor whose axes have this order. */
    public LatentRequest withAxes(LatentAxes axes) {
        return new LatentRequest(key, Optional.of(axes), size, meaning, spaces);
    }

    /** This request where packed latents make a picture of this size. */
    public LatentRequest withSize(Size size) {
        return new LatentRequest(key, axes, Optional.of(size), meaning, spaces);
    }

    /** This request where values mean this. */
    public LatentRequest withMeaning(Meaning meaning) {
        return new LatentRequest(key, axes, size, meaning, spaces);
    }

    /** This request for latents of one of these VAEs, the likeliest first. */
    public LatentRequest withSpaces(List<LatentSpace> spaces) {
        return new LatentRequest(key, axes, size, meaning, spaces);
    }
}
