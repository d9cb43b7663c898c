package wanvae.model.tae;

import wanvae.config.TaeConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;

/**
 * The operations of a tiny autoencoder as {@code taehv.py} has it, where TGrow follows the enlargement. Frames
 * that are left out count as far as later ones depend on them.
 */
public final class TaeOperations {
    private static final int BLOCKS = 3, DEPTHWISE_TAPS = 49;

    private TaeOperations() {}

    /** Counts a decode of latents of this shape. */
    public static Operations of(TaeConfig config, LatentShape latents) {
        double pixels = (double) latents.height() * latents.width(), frames = latents.frames(), zeroPast = 0;
        int width = config.widths().getFirst();
        double all = pixels * frames * Operations.conv(config.latentChannels(), width, config.isSuper() ? 1 : 9);
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            all += pixels * frames * BLOCKS * block(width, config.isSuper());
            zeroPast += pixels * BLOCKS * memory(width, config.isSuper());
            boolean last = stage == TaeConfig.STAGES - 1;
            int factor = config.factorT(stage), next = config.widths().get(stage + 1);
            double made = factor * frames - (last ? config.trimmedFrames() : 0);
            if (config.isSuper()) {
                all += pixels * Math.ceil(made / factor) * Operations.conv(width, 4 * next, 9);
                pixels *= 4;
                all += pixels * made * Operations.conv(next, next, 1);
            } else {
                pixels *= 4;
                all += pixels * made * (Operations.conv(width, width, 1) + Operations.conv(width, next, 9));
            }
            frames = made;
            width = next;
        }
        all += pixels * frames * Operations.conv(width, 3 * config.patchSize() * config.patchSize(), 9);
        return new Operations(latents.batch() * all, latents.batch() * zeroPast);
    }

    /**
     * Counts an encode.
     *
     * @param pictures the video, height and width in patches
     */
    public static Operations encode(TaeConfig config, LatentShape pictures) {
        int width = config.encoderWidth(), scale = config.pooling().stream().reduce(1, (a, b) -> a * b);
        int height = pictures.height(), across = pictures.width();
        double frames = pictures.frames(), zeroPast = 0;
        double all = frames
                * height
                * across
                * Operations.conv(config.imageChannels() * config.patchSize() * config.patchSize(), width, 9);
        frames = (double) Math.ceilDiv(pictures.frames(), scale) * scale;
        for (int factor : config.pooling()) {
            frames /= factor;
            all += frames * height * across * Operations.conv(factor * width, width, 1);
            height = (height + 1) / 2;
            across = (across + 1) / 2;
            double pixels = (double) height * across;
            all += frames * pixels * (Operations.conv(width, width, 9) + BLOCKS * block(width, false));
            zeroPast += pixels * BLOCKS * memory(width, false);
        }
        all += frames * height * across * Operations.conv(width, config.latentChannels(), 9);
        return new Operations(pictures.batch() * all, pictures.batch() * zeroPast);
    }

    /** Operations for each position of a memory block. */
    private static double block(int width, boolean isSuper) {
        return isSuper
                ? 2 * memory(width, true)
                        + Operations.conv(2 * width, 4 * width, 1)
                        + Operations.conv(4 * width, width, 1)
                : 2 * memory(width, false) + 2 * Operations.conv(width, width, 9);
    }

    /** The part of them that multiplies the frame before. */
    private static double memory(int width, boolean isSuper) {
        return isSuper ? Operations.conv(1, width, DEPTHWISE_TAPS) : Operations.conv(width, width, 9);
    }
}
