package wanvae.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The published tiny autoencoders, each with the VAE whose latents it takes. Several have tensors of the same names and
 * shapes.
 */
public enum TaeModel {
    /** Of Wan 2.1, the 14B models of Wan 2.2 and Qwen-Image. */
    TAEW2_1("taew2_1", WanConfig.WAN_2_1, true),
    /** Of HunyuanVideo. */
    TAEHV("taehv", HunyuanConfig.HUNYUAN_VIDEO, true),
    /** LightX2V's of Wan 2.1, which takes latents as Wan's own decoder does. */
    LIGHTTAEW2_1("lighttaew2_1", WanConfig.WAN_2_1, false),
    /** Of Wan 2.2 TI2V-5B. */
    TAEW2_2("taew2_2", WanConfig.WAN_2_2, true),
    /** LightX2V's of Wan 2.2 TI2V-5B. */
    LIGHTTAEW2_2("lighttaew2_2", WanConfig.WAN_2_2, true);

    private final String id;
    private final VaeConfig full;
    private final boolean decodesNormalized;

    TaeModel(String id, VaeConfig full, boolean decodesNormalized) {
        this.id = id;
        this.full = full;
        this.decodesNormalized = decodesNormalized;
    }

    /** Its name, with which its files' names begin: "taew2_1". */
    public String id() {
        return id;
    }

    /** The full VAE that it stands in for. */
    public VaeConfig full() {
        return full;
    }

    /** See {@link VaeConfig#decodesNormalized}. */
    public boolean decodesNormalized() {
        return decodesNormalized;
    }

    /** The model of this {@link #id}. */
    public static Optional<TaeModel> of(String id) {
        return Arrays.stream(values()).filter(model -> model.id.equals(id)).findFirst();
    }

    /** The models of latents with that many channels, the likeliest first. */
    public static List<TaeModel> withChannels(int channels) {
        return Arrays.stream(values())
                .filter(model -> model.full.latentChannels() == channels)
                .toList();
    }
}
