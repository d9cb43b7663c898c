package wanvae.checkpoint.tae;

import java.util.ArrayList;
import java.util.List;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.tensorfile.FormatException;

/** The configuration of a tiny autoencoder that comes without one, as all published ones do. */
public final class TaeDerivedConfig {
    private TaeDerivedConfig() {}

    /**
     * Derives the configuration from names and shapes. Of the models that fit, the first is assumed.
     *
     * @throws FormatException if these are not the tensors of a decoder of this family
     */
    public static TaeConfig of(FoundTensors tensors) throws FormatException {
        boolean isSuper = tensors.has("decoder.0.weight");
        int channels = tensors.size(isSuper ? "decoder.0.weight" : "decoder.1.weight", 1);
        int pixels = tensors.size("decoder.22.weight", 0);
        List<TaeModel> models = TaeModel.withChannels(channels);
        if (models.isEmpty())
            throw new FormatException(tensors.where() + ": a tiny autoencoder of latents with " + channels
                    + " channels, which is not supported, expected 16 (Wan 2.1, HunyuanVideo) or 48 (Wan 2.2)");
        TaeConfig published = TaeConfig.of(models.getFirst());
        List<Integer> widths = new ArrayList<>(), growth = new ArrayList<>(), pooling = new ArrayList<>();
        int encoderWidth = tensors.sizeOr("encoder.0.weight", 0, published.encoderWidth());
        widths.add(tensors.size(isSuper ? "decoder.0.weight" : "decoder.1.weight", 0));
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            String grow = "decoder." + (isSuper ? 7 + 7 * stage : 7 + 6 * stage) + ".conv.weight";
            growth.add(tensors.size(grow, 0) / tensors.size(grow, 1));
            widths.add(isSuper ? tensors.size(grow, 1) : tensors.size("decoder." + (8 + 6 * stage) + ".weight", 0));
            pooling.add(tensors.sizeOr(
                            "encoder." + (2 + 5 * stage) + ".conv.weight",
                            1,
                            encoderWidth * published.pooling().get(stage))
                    / encoderWidth);
        }
        return new TaeConfig(
                models.getFirst(), channels, pixels < 12 ? 1 : 2, widths, growth, isSuper, encoderWidth, pooling);
    }
}
