package wanvae.latent;

import java.util.Optional;
import wanvae.latent.LatentRequest.Size;
import wanvae.tensorfile.FormatException;

/**
 * Latents as Qwen-Image's pipeline hands them to its transformer, {@code [B][H/2 * W/2][4 * C]}: each token is a square
 * of 2x2 latent pixels, its values ordered (channel, row, column). Several pictures of one size can follow each other.
 * Source: {@code _pack_latents} of diffusers' QwenImagePipeline.
 *
 * @param sizes  {@code [B][pictures][H/2][W/2][C][2][2]}
 * @param height latent pixels
 * @param width  latent pixels
 */
record PackedLatents(long[] sizes, int height, int width) {
    /** Axes in the order {@code [B][pictures][C][H/2][2][W/2][2]}. */
    static final int[] ORDER = {0, 1, 4, 2, 5, 3, 6};

    /** Whether a tensor of these sizes can be packed latents with that many channels. */
    static boolean fits(long[] sizes, int channels) {
        return (sizes.length == 2 || sizes.length == 3) && sizes[sizes.length - 1] == 4L * channels;
    }

    /**
     * @param what     the tensor, for messages
     * @param shape    shape of the tensor, one for which {@link #fits} holds
     * @param asked    size of the picture, if it is known
     * @param scale    pixels of a latent pixel
     * @throws FormatException if the size is unknown or there are not as many tokens
     */
    static PackedLatents of(String what, long[] shape, int channels, Optional<Size> asked, int scale)
            throws FormatException {
        long batch = shape.length == 3 ? shape[0] : 1;
        long tokens = shape[shape.length - 2];
        if (asked.isEmpty()) {
            long side = Math.round(Math.sqrt(tokens)) * 2 * scale;
            throw new FormatException(what + " holds packed latents, " + tokens
                    + " squares of 2x2, which do not tell the size of their picture: give it, like --size "
                    + (side * side == tokens * 4 * scale * scale ? side + "x" + side : "1328x1328"));
        }
        Size size = asked.get();
        Size latent = size;
        Size pixels = new Size(Math.max(1, size.height() / scale), Math.max(1, size.width() / scale));
        boolean asPixels = size.height() % scale == 0 && size.width() % scale == 0;
        if (tokens(latent) != tokens) {
            if (asPixels && tokens(pixels) == tokens) latent = pixels;
            else if (asPixels && divides(pixels, tokens)) latent = pixels;
            else if (!divides(latent, tokens))
                throw new FormatException(
                        what + " holds packed latents of " + tokens + " squares of 2x2, but a picture of " + size
                                + " has " + (asPixels ? tokens(pixels) + ", or as latents " : "") + tokens(latent));
        }
        long[] sizes = {batch, tokens / tokens(latent), latent.height() / 2, latent.width() / 2, channels, 2, 2};
        return new PackedLatents(sizes, latent.height(), latent.width());
    }

    private static boolean divides(Size latent, long tokens) {
        return tokens(latent) > 0 && tokens % tokens(latent) == 0;
    }

    /** 0 for an odd size, which no token has. */
    private static long tokens(Size latent) {
        return latent.height() % 2 + latent.width() % 2 > 0 ? 0 : latent.height() / 2L * (latent.width() / 2);
    }

    /** Each picture is a member of the batch. */
    LatentShape shape() {
        return new LatentShape((int) (sizes[0] * sizes[1]), (int) sizes[4], 1, height, width);
    }

    String note() {
        return "read as packed latents [B][H/2*W/2][4*C] of " + height + "x" + width
                + (sizes[1] == 1 ? "" : ", " + sizes[1] + " pictures after each other");
    }
}
