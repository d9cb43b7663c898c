package wanvae.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.tensorfile.FormatException;

/**
 * A diffusers {@code config.json}: read into a {@link VaeConfig}, defaults where keys are missing, and written from
 * one.
 */
public final class VaeConfigJson {
    private VaeConfigJson() {}

    /**
     * Reads a configuration.
     *
     * @throws FormatException if it is no JSON object, is of an unknown class, or has a value that is not what it must
     *         be
     * @throws IOException if it cannot be read
     */
    public static VaeConfig read(Path file) throws IOException {
        ConfigValues json = ConfigValues.read(file);
        String className = json.text("_class_name", VaeFamily.ASSUMED_CLASS);
        VaeFamily<?> family = VaeFamily.ofClass(className)
                .orElseThrow(() -> new FormatException(file + ": a configuration of "
                        + FormatException.quote(className) + ForeignModels.ofClass(className) + ", expected one of "
                        + FormatException.quote(classes())));
        VaeConfig config = family.readConfig(json);
        VaeFamily.of(config).check(config, file.toString());
        return config;
    }

    /**
     * The class that a configuration is of; one without is assumed to be Wan's.
     *
     * @throws FormatException if it is no JSON object, or its class is no name
     */
    static String className(Path file) throws IOException {
        return ConfigValues.read(file).text("_class_name", VaeFamily.ASSUMED_CLASS);
    }

    private static List<String> classes() {
        return VaeFamily.all().stream()
                .flatMap(family -> family.classNames().stream())
                .toList();
    }

    /** Whether this is the configuration of a known VAE, and not another model's that happens to lie there. */
    static boolean describesVae(Path file) {
        try {
            return classes().contains(ConfigValues.read(file).text("_class_name", ""));
        } catch (IOException e) {
            return false;
        }
    }

    /** The configuration as diffusers writes it: all keys that concern the decoder. */
    public static String write(VaeConfig config) {
        var json = new ConfigWriter();
        VaeFamily.of(config).writeConfig(json, config);
        return json.finish();
    }
}
