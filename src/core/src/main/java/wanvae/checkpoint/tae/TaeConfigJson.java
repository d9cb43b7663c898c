package wanvae.checkpoint.tae;

import java.util.Arrays;
import java.util.List;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.tensorfile.FormatException;

/**
 * A {@code config.json} of a tiny autoencoder. Published files come without one. For generated weights, and any others,
 * it states what names and shapes leave open.
 */
public final class TaeConfigJson {
    /** The values of {@code _class_name}. */
    public static final List<String> CLASSES = List.of(TaeConfig.CLASS_NAME);

    private TaeConfigJson() {}

    /** Reads a configuration; a missing key has the published model's value. */
    public static TaeConfig read(ConfigValues json) throws FormatException {
        String name = json.text("model", TaeModel.TAEW2_1.id());
        TaeModel model = TaeModel.of(name)
                .orElseThrow(() -> new FormatException(
                        json.file() + ": model is " + FormatException.quote(name) + ", expected one of " + models()));
        boolean isSuper = json.flag("is_super", false);
        TaeConfig published = isSuper ? TaeConfig.superOf(model) : TaeConfig.of(model);
        return new TaeConfig(
                model,
                json.integer("latent_channels", published.latentChannels()),
                json.integer("patch_size", published.patchSize()),
                json.integers("widths", published.widths()),
                json.integers("growth", published.growth()),
                isSuper,
                json.integer("encoder_width", published.encoderWidth()),
                json.integers("pooling", published.pooling()));
    }

    private static List<String> models() {
        return Arrays.stream(TaeModel.values()).map(TaeModel::id).toList();
    }

    /** Writes a configuration. */
    public static void write(ConfigWriter json, TaeConfig config) {
        json.put("_class_name", TaeConfig.CLASS_NAME);
        json.put("model", config.model().id());
        json.put("latent_channels", config.latentChannels());
        json.put("patch_size", config.patchSize());
        json.put("widths", config.widths());
        json.put("growth", config.growth());
        json.put("is_super", config.isSuper());
        json.put("encoder_width", config.encoderWidth());
        json.put("pooling", config.pooling());
    }
}
