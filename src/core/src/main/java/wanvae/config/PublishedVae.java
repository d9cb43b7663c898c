package wanvae.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The published VAEs whose configurations are known here. */
public enum PublishedVae {
    /** The VAE of Wan 2.1 and of Wan 2.2's 14B models. */
    WAN_2_1("wan2.1", "Wan 2.1", " (which Wan 2.2's 14B models use too)", WanConfig.WAN_2_1),
    /** The VAE of Wan 2.2 TI2V-5B. */
    WAN_2_2("wan2.2", "Wan 2.2 TI2V-5B", "", WanConfig.WAN_2_2),
    /** The VAE of HunyuanVideo. */
    HUNYUAN_VIDEO("hunyuanvideo", "HunyuanVideo", "", HunyuanConfig.HUNYUAN_VIDEO),
    /** The tiny autoencoder of Wan 2.1. */
    TAEW2_1(TaeModel.TAEW2_1),
    /** The tiny autoencoder of HunyuanVideo. */
    TAEHV(TaeModel.TAEHV),
    /** LightX2V's tiny autoencoder of Wan 2.1. */
    LIGHTTAEW2_1(TaeModel.LIGHTTAEW2_1),
    /** The tiny autoencoder of Wan 2.2 TI2V-5B. */
    TAEW2_2(TaeModel.TAEW2_2),
    /** LightX2V's tiny autoencoder of Wan 2.2 TI2V-5B. */
    LIGHTTAEW2_2(TaeModel.LIGHTTAEW2_2);
    private final String id, title, note;
    private final VaeConfig config;

    PublishedVae(TaeModel tiny) {
        this(tiny.id(), tiny.id(), "", TaeConfig.of(tiny));
    }

    PublishedVae(String id, String title, String note, VaeConfig config) {
        this.id = id;
        this.title = title;
        this.note = note;
        this.config = config;
    }

    /** Its name on a command line, "wan2.1". */
    public String id() {
        return id;
    }

    /** Its configuration. */
    public VaeConfig config() {
        return config;
    }

    /** Whether it stands in for another one of these, which takes the same latents. */
    public boolean isTiny() {
        return config instanceof TaeConfig;
    }

    /** The VAE of this {@link #id}. */
    public static Optional<PublishedVae> of(String id) {
        return Arrays.stream(values()).filter(vae -> vae.id.equals(id)).findFirst();
    }

    /**
     * Which published VAEs decode latents with that many channels, to end a refusal: "16 channels need the VAE of …"
     * or, where none does, "Wan 2.1 and HunyuanVideo have 16, …".
     */
    public static String forChannels(int channels) {
        List<PublishedVae> fitting = decoding(channels);
        if (!fitting.isEmpty())
            return channels + " channels need the VAE of "
                    + fitting.stream().map(vae -> vae.title + vae.note).collect(Collectors.joining(" or "));
        return Arrays.stream(values())
                .map(vae -> vae.config.latentChannels())
                .distinct()
                .map(has -> decoding(has).stream().map(vae -> vae.title).collect(Collectors.joining(" and "))
                        + (decoding(has).size() > 1 ? " have " : " ")
                        + has)
                .collect(Collectors.joining(", "));
    }

    /** Those that are not tiny and decode latents with that many channels, the likeliest first. */
    public static List<PublishedVae> decoding(int channels) {
        return Arrays.stream(values())
                .filter(vae -> !vae.isTiny() && vae.config.latentChannels() == channels)
                .toList();
    }
}
