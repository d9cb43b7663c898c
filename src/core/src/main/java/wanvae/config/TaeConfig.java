package wanvae.config;

import java.util.List;
import java.util.Optional;

/**
 * Configuration of a tiny autoencoder, {@code TAEHV}. It has three stages, each of which doubles height and width; the
 * decoder's stages are counted from the latents.
 *
 * @param model          the model, which says whose latents it takes
 * @param latentChannels channels of the latents (16; 48 for Wan 2.2)
 * @param patchSize      pixels of a patch along each axis (1; 2 for Wan 2.2)
 * @param widths         channels of the decoder at the resolution of the latents, and after each stage ([256, 128, 64,
 *                       64])
 * @param growth         for each stage the frames that its TGrow makes of one ([1, 2, 2]). If it makes more than the
 *                       model uses, the last ones count
 * @param isSuper        whether the decoder is of the larger kind: depthwise convolutions, and pixel shuffles where
 *                       others enlarge
 * @param encoderWidth   channels of the encoder (64)
 * @param pooling        for each stage of the encoder the frames that its TPool makes one of ([2, 2, 1])
 */
public record TaeConfig(
        TaeModel model,
        int latentChannels,
        int patchSize,
        List<Integer> widths,
        List<Integer> growth,
        boolean isSuper,
        int encoderWidth,
        List<Integer> pooling)
        implements VaeConfig {
    /** {@code _class_name} in a configuration; published files have none. */
    public static final String CLASS_NAME = "AutoencoderTAEHV";
    /** Stages of the decoder, and of the encoder. */
    public static final int STAGES = 3;

    /** Copies the lists. */
    public TaeConfig {
        widths = List.copyOf(widths);
        growth = List.copyOf(growth);
        pooling = List.copyOf(pooling);
    }

    /** The published configuration of a model. */
    public static TaeConfig of(TaeModel model) {
        int channels = model.full().latentChannels();
        return new TaeConfig(
                model,
                channels,
                model.full().patchSize(),
                List.of(256, 128, 64, 64),
                List.of(1, 2, 2),
                false,
                64,
                List.of(2, 2, 1));
    }

    /** The published configuration of a model's larger kind. */
    public static TaeConfig superOf(TaeModel model) {
        TaeConfig usual = of(model);
        return new TaeConfig(
                model,
                usual.latentChannels,
                usual.patchSize,
                List.of(512, 256, 128, 64),
                usual.growth,
                true,
                usual.encoderWidth,
                usual.pooling);
    }

    /** The same network for the latents of another model. */
    public TaeConfig withModel(TaeModel other) {
        return new TaeConfig(other, latentChannels, patchSize, widths, growth, isSuper, encoderWidth, pooling);
    }

    /** Frames that a stage of the decoder makes of one. */
    public int factorT(int stage) {
        return stage == 0 ? 1 : Math.min(2, growth.get(stage));
    }

    /** The first frames of a clip, which the decoder makes and leaves out. */
    public int trimmedFrames() {
        return temporalScale() - 1;
    }

    @Override
    public String className() {
        return CLASS_NAME;
    }

    @Override
    public String family() {
        return model.id();
    }

    @Override
    public int spatialScale() {
        return patchSize << STAGES;
    }

    @Override
    public int temporalScale() {
        int scale = 1;
        for (int stage = 0; stage < STAGES; stage++) scale *= factorT(stage);
        return scale;
    }

    @Override
    public int defaultFps() {
        return model.full().defaultFps();
    }

    @Override
    public LatentScaling latentScaling() {
        return model.full().latentScaling();
    }

    @Override
    public boolean decodesNormalized() {
        return model.decodesNormalized();
    }

    @Override
    public boolean unitRange() {
        return true;
    }

    @Override
    public boolean patchesByRows() {
        return true;
    }

    @Override
    public Optional<LatentRgb> latentRgb() {
        return model.full().latentRgb();
    }

    @Override
    public ConfigFacts facts() {
        return ConfigFacts.none()
                .with("widths", "widths", widths)
                .with("is_super", "is_super", isSuper)
                .withLine("stands in for", "the VAE of " + model.full().family())
                .withValue("model", model.id())
                .withLine("takes", (decodesNormalized() ? "normalised" : "raw") + " latents")
                .withValue("takes_normalized", decodesNormalized());
    }
}
