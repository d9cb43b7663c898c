package wanvae.config;

import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code AutoencoderKLWan} (Wan 2.1, Wan 2.2) and {@code AutoencoderKLQwenImage}; defaults are Wan
 * 2.1's.
 *
 * @param className       {@code _class_name}: "AutoencoderKLWan" or "AutoencoderKLQwenImage"
 * @param decoderBaseDim  width of the decoder's last stage (Wan 2.1: 96 = base_dim; Wan 2.2: 256)
 * @param zDim            latent channels
 * @param dimMult         width multipliers from the last decoder stage to the first
 * @param numResBlocks    residual blocks of a stage, less one
 * @param temporalUpsample which of the decoder's upsamplings double the frames, first stage first (the reverse of
 *                         {@code temperal_downsample})
 * @param latentsMean     {@code z = latents * std + mean}, one for each latent channel
 * @param latentsStd      see latentsMean
 * @param isResidual      Wan 2.2: down-blocks with AvgDown3D shortcuts and up-blocks with DupUp3D shortcuts
 * @param outChannels     channels of the decoder's conv_out (3, or 4 with alpha; four times that where patchSize is 2)
 * @param patchSize       1, or 2 where pictures are patchified before the encoder and unpatchified after the decoder
 *                        (Wan 2.2), or enlarged by 2 after the decoder (the 2x upscaling Wan 2.1 VAE)
 * @param encoderBaseDim  {@code base_dim}: width of the encoder's first stage (Wan 2.1: 96; Wan 2.2: 160)
 * @param inChannels      channels of the encoder's conv_in, as outChannels
 */
public record WanConfig(
        String className,
        int decoderBaseDim,
        int zDim,
        List<Integer> dimMult,
        int numResBlocks,
        List<Boolean> temporalUpsample,
        List<Float> latentsMean,
        List<Float> latentsStd,
        boolean isResidual,
        int outChannels,
        int patchSize,
        int encoderBaseDim,
        int inChannels)
        implements VaeConfig {
    /** {@code _class_name} of Wan's VAEs. */
    public static final String WAN = "AutoencoderKLWan";

    /** {@code _class_name} of Qwen-Image's VAE: Wan 2.1's network for single pictures. */
    public static final String QWEN_IMAGE = "AutoencoderKLQwenImage";

    /** Wan 2.1's, also used by Wan 2.2 14B. */
    public static final WanConfig WAN_2_1 = new WanConfig(
            WAN,
            96,
            16,
            List.of(1, 2, 4, 4),
            2,
            List.of(true, true, false),
            WanDefaults.mean(16),
            WanDefaults.std(16),
            false,
            3,
            1);
    /** Wan 2.2 TI2V-5B's. */
    public static final WanConfig WAN_2_2 = new WanConfig(
            WAN,
            256,
            48,
            List.of(1, 2, 4, 4),
            2,
            List.of(true, true, false),
            WanDefaults.mean(48),
            WanDefaults.std(48),
            true,
            12,
            2);

    /** Copies the lists. */
    public WanConfig {
        dimMult = List.copyOf(dimMult);
        temporalUpsample = List.copyOf(temporalUpsample);
        latentsMean = List.copyOf(latentsMean);
        latentsStd = List.copyOf(latentsStd);
    }

    /**
     * A configuration whose encoder is the published model's: as wide as the decoder, except for Wan 2.2's (160, where
     * the decoder has 256), with as many input channels as the decoder has output channels.
     */
    public WanConfig(
            String className,
            int decoderBaseDim,
            int zDim,
            List<Integer> dimMult,
            int numResBlocks,
            List<Boolean> temporalUpsample,
            List<Float> latentsMean,
            List<Float> latentsStd,
            boolean isResidual,
            int outChannels,
            int patchSize) {
        this(
                className,
                decoderBaseDim,
                zDim,
                dimMult,
                numResBlocks,
                temporalUpsample,
                latentsMean,
                latentsStd,
                isResidual,
                outChannels,
                patchSize,
                isResidual && decoderBaseDim == 256 ? 160 : decoderBaseDim,
                outChannels);
    }

    /** This configuration with another encoder. */
    public WanConfig withEncoder(int baseDim, int channels) {
        return new WanConfig(
                className,
                decoderBaseDim,
                zDim,
                dimMult,
                numResBlocks,
                temporalUpsample,
                latentsMean,
                latentsStd,
                isResidual,
                outChannels,
                patchSize,
                baseDim,
                channels);
    }

    /** Which of the encoder's downsamplings halve the frames, first stage first ({@code temperal_downsample}). */
    public List<Boolean> temporalDownsample() {
        return temporalUpsample.reversed();
    }

    /** The decoder's: {@code outChannels / patchSize²}. */
    @Override
    public int imageChannels() {
        return outChannels / (patchSize * patchSize);
    }

    /** Wan 2.2 has patches of its own; the 2x upscaling Wan 2.1 VAE is followed by a pixel_shuffle. */
    @Override
    public boolean patchesByRows() {
        return !isResidual;
    }

    @Override
    public int latentChannels() {
        return zDim;
    }

    @Override
    public int spatialScale() {
        return patchSize << (dimMult.size() - 1);
    }

    @Override
    public int temporalScale() {
        int scale = 1;
        for (boolean doubled : temporalUpsample) if (doubled) scale *= 2;
        return scale;
    }

    /** Whether the class is {@link #QWEN_IMAGE}. */
    public boolean isQwenImage() {
        return className.equals(QWEN_IMAGE);
    }

    @Override
    public String family() {
        return isQwenImage() ? "Qwen-Image" : isResidual ? "Wan 2.2" : "Wan 2.1";
    }

    @Override
    public int defaultFps() {
        return isResidual ? 24 : 16;
    }

    /** {@code latents / (1 / std) + mean}, in the order in which the pipelines compute it. */
    @Override
    public LatentScaling latentScaling() {
        return new LatentScaling(latentsStd.stream().map(std -> 1f / std).toList(), latentsMean);
    }

    /** Known for the two published latent spaces, of 16 and of 48 channels. */
    @Override
    public Optional<LatentRgb> latentRgb() {
        return switch (zDim) {
            case 16 -> Optional.of(LatentRgb.WAN_2_1);
            case 48 -> Optional.of(LatentRgb.WAN_2_2);
            default -> Optional.empty();
        };
    }

    /** True except for Qwen-Image, whose class leaves its tiled output as it is. */
    @Override
    public boolean clampsTiles() {
        return !isQwenImage();
    }

    @Override
    public ConfigFacts facts() {
        return ConfigFacts.none()
                .with("class", "class", className)
                .with("decoder_base_dim", "decoder_base_dim", decoderBaseDim)
                .with("dim_mult", "dim_mult", dimMult)
                .with("num_res_blocks", "num_res_blocks", numResBlocks)
                .with("time upsampling", "temporal_upsample", temporalUpsample)
                .with("is_residual", "is_residual", isResidual)
                .with("patch_size", "patch_size", patchSize);
    }
}
