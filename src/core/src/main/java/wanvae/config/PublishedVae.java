package wanvae.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The published VAEs whose configurations are known here. */
public enum PublishedVae {
    /** The VAE of Wan 2.1 and of Wan 2.2's 14B models. */
    WAN_2_1("wan2.1", "Wan 2.1", " (which Wan 2.2's 14B models use too)", WanConfig.WAN_2_1),
    /** The VAE of Wan 2.2 TI2V-5B. */
    WAN_2_2("wan2.2", "Wan 2.2 TI2V-5B", "", WanConfig.WAN_2_2),
    /** The VAE of HunyuanVideo. */
    HUNYUAN_VIDEO("hunyuanvideo", "HunyuanVideo", "", HunyuanConfig.HUNYUAN_VIDEO);
    private final String id, title, note;
    private final VaeConfig config;

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

    /** The VAE of this {@link #id}. */
    public static Optional<PublishedVae> of(String id) {
        return Arrays.stream(values()).filter(vae -> vae.id.equals(id)).findFirst();
    }

    /**
     * Which published VAEs decode latents with that many channels, to end a refusal: "16 channels need the VAE of …"
     * or, where none does, "Wan 2.1 and HunyuanVideo have 16, …".
     */
    public static String forChannels(int channels) {
        List<PublishedVae> fitting = decoding(channels).toList();
        if (!fitting.isEmpty())
            return channels + " channels need the VAE of "
                    + fitting.stream().map(vae -> vae.title + vae.note).collect(Collectors.joining(" or "));
        return Arrays.stream(values())
                .map(vae -> vae.config.latentChannels())
                .distinct()
                .map(has -> decoding(has).map(vae -> vae.title).collect(Collectors.joining(" and "))
                        + (decoding(has).count() > 1 ? " have " : " ")
                        + has)
                .collect(Collectors.joining(", "));
    }

    private static Stream<PublishedVae> decoding(int channels) {
        return Arrays.stream(values()).filter(vae -> vae.config.latentChannels() == channels);
    }
}
