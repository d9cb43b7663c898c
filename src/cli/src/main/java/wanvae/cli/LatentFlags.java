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
import wanvae.latent.Latents;

/** The options that say how to interpret the axes and values of latents, shared by all commands that read latents. */
public final class LatentFlags {
    enum Meaning {
        NORMALIZED,
        RAW
    }

    @Option(
            names = "--latents",
            paramLabel = "normalized|raw",
            description =
                    "normalized: as a pipeline's output_type=\"latent\" gives them, z = latents * std + mean is applied; "
                            + "raw: what vae.decode() receives (default: normalized; for ComfyUI's files the values decide).")
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
            description =
                    "Order of the file's axes in the letters b, c, f, h and w, like bcfhw, fchw or bhwc (default: "
                            + "from the VAE's number of channels and, where that leaves a choice, from the values).")
    private LatentAxes axes;

    @Option(
            names = "--size",
            paramLabel = "HxW",
            converter = SizeArgument.class,
            description = "Size of the picture in pixels, for packed latents of Qwen-Image, which do not contain it.")
    private LatentRequest.Size size;

    @Option(
            names = "--drop",
            paramLabel = "N",
            description = "Leave out the first N latent frames, where VACE and similar models put reference pictures.")
    private int drop;

    @Option(
            names = "--frames",
            paramLabel = "A:B",
            converter = RangeArgument.class,
            description =
                    "Take only latent frames A to B-1, counted from 0 after those that --drop leaves out; A or B may be omitted.")
    private Range frames;

    /** @param to exclusive; {@link Integer#MAX_VALUE} for all that follow */
    private record Range(int from, int to) {}

    /** The latent frames that these options choose. */
    public Latents select(Latents latents) {
        if (drop < 0) throw new UsageException("--drop is 0 or more latent frames, not " + drop + ".");
        int all = latents.shape().frames();
        if (drop >= all)
            throw new IllegalArgumentException(
                    latents.name() + " has " + all + " latent frames, and --drop leaves out " + drop);
        int from = drop + (frames == null ? 0 : frames.from);
        int to = frames == null || frames.to == Integer.MAX_VALUE ? all : drop + frames.to;
        if (from >= all || to > all)
            throw new IllegalArgumentException(latents.name() + " has " + all + " latent frames"
                    + (drop == 0 ? "" : ", " + (all - drop) + " behind those left out")
                    + ", and --frames asks for more");
        return from == 0 && to == all ? latents : latents.frames(from, to);
    }

    /** The request to read latents for these VAEs or else for any published one. */
    public LatentRequest request(List<VaeConfig> vaes) {
        var spaces = new ArrayList<LatentSpace>();
        for (VaeConfig vae : vaes) spaces.add(vae.latentSpace());
        Arrays.stream(PublishedVae.values())
                .filter(published -> !published.isTiny()) // these share the latents of the VAE they stand in for
                .map(published -> published.config().latentSpace())
                .forEach(spaces::add);
        LatentRequest request = LatentRequest.DEFAULT.withSpaces(spaces);
        if (key != null) request = request.withKey(key);
        if (axes != null) request = request.withAxes(axes);
        if (size != null) request = request.withSize(size);
        return meaning == null ? request : request.withMeaning(LatentRequest.Meaning.valueOf(meaning.name()));
    }

    /** The text of a note, with the option that selects another reading. */
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

    private static final class RangeArgument implements ITypeConverter<Range> {
        private static final Pattern SYNTAX = Pattern.compile("(\\d{0,8}):(\\d{0,8})");

        @Override
        public Range convert(String text) {
            Matcher parts = SYNTAX.matcher(text);
            if (parts.matches()) {
                int from = parts.group(1).isEmpty() ? 0 : Integer.parseInt(parts.group(1));
                int to = parts.group(2).isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(parts.group(2));
                if (from < to) return new Range(from, to);
            }
            throw new TypeConversionException("'" + text + "' is no range A:B of frames, like 0:5 or 1:");
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
