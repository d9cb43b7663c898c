package wanvae.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.latent.LatentAxes;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.LatentSpace;

/** How the axes and values of latents are meant: shared by {@code decode} and {@code info}. */
final class LatentFlags {
    enum Meaning {
        NORMALIZED,
        RAW
    }

    @Option(
            names = "--latents",
            paramLabel = "normalized|raw",
            description =
                    "normalized: as a pipeline's output_type=\"latent\" gives them, z = latents * std + mean is applied; "
                            + "raw: what vae.decode() receives (default: normalized, but ComfyUI's are told by their values).")
    private Meaning meaning;

    @Option(
            names = "--key",
            paramLabel = "NAME",
            description = "Which tensor of the file (default: 'latents', else ComfyUI's names, else the only one).")
    private String key;

    @Option(
            names = "--axes",
            paramLabel = "ORDER",
            converter = AxesArgument.class,
            description = "Order of the file's axes, of the letters b, c, f, h and w: bcfhw, fchw, bhwc (default: "
                    + "told by the VAE's channels and, where that leaves a choice, by the values).")
    private LatentAxes axes;

    @Option(
            names = "--size",
            paramLabel = "HxW",
            converter = SizeArgument.class,
            description = "Size of the picture, in pixels, that packed latents of Qwen-Image do not tell.")
    private LatentRequest.Size size;

    /** What these flags say of latents for these VAEs, or for any where there are none. */
    LatentRequest request(List<VaeConfig> vaes) {
        var spaces = new ArrayList<LatentSpace>();
        for (VaeConfig vae : vaes) spaces.add(vae.latentSpace());
        Arrays.stream(PublishedVae.values())
                .filter(published -> !published.isTiny()) // their latents are another one's
                .map(published -> published.config().latentSpace())
                .forEach(spaces::add);
        LatentRequest request = LatentRequest.DEFAULT.withSpaces(spaces);
        if (key != null) request = request.withKey(key);
        if (axes != null) request = request.withAxes(axes);
        if (size != null) request = request.withSize(size);
        return meaning == null ? request : request.withMeaning(LatentRequest.Meaning.valueOf(meaning.name()));
    }

    /** A note with the flag that asks for another reading. */
    static String text(LatentReading.Note note) {
        return note.text()
                + switch (note.choice()) {
                    case KEY -> " (--key names another)";
                    case AXES -> " (--axes sets it)";
                    case MEANING -> " (--latents sets it)";
                };
    }

    private static final class AxesArgument implements ITypeConverter<LatentAxes> {
        @Override
        public LatentAxes convert(String text) {
            try {
                return new LatentAxes(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class SizeArgument implements ITypeConverter<LatentRequest.Size> {
        private static final Pattern SYNTAX = Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})");

        @Override
        public LatentRequest.Size convert(String text) {
            Matcher parts = SYNTAX.matcher(text);
            if (!parts.matches())
                throw new TypeConversionException("'" + text + "' is not HEIGHTxWIDTH, like 1328x1328");
            return new LatentRequest.Size(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
        }
    }
}
