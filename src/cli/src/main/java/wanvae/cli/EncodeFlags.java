package wanvae.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.OpenOptions;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.encode.EncodeOptions;
import wanvae.encode.Posterior;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentWriting;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Color;
import wanvae.video.picture.Fps;
import wanvae.video.source.ClipSelection;
import wanvae.video.source.Fitting;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;
import wanvae.video.source.UntoldException;

/** The options for encoding that do not name files, shared by {@code encode} and its counterpart on a cluster. */
public final class EncodeFlags {
    /** Which values of the posterior distribution become latents. */
    enum PosteriorName {
        MODE,
        SAMPLE,
        MOMENTS
    }

    /** Element types of an output. */
    enum Numbers {
        F32,
        BF16,
        F16
    }

    @Mixin
    private WeightFamily family;

    @Option(names = "--dtype", paramLabel = "f32|bf16|f16", description = "Type of the numbers in OUT (default: f32).")
    private Numbers dtype = Numbers.F32;

    @Option(
            names = "--posterior",
            paramLabel = "mode|sample|moments",
            description =
                    "mode: the means (default); sample: drawn at random, see --seed; moments: [B][2z][T][h][w], means, then "
                            + "logarithms of variances.")
    private PosteriorName posterior = PosteriorName.MODE;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the random numbers for --posterior sample (default: 0).")
    private Long seed;

    @Option(
            names = "--latents",
            paramLabel = "normalized|raw",
            description =
                    "normalized: (z - mean) / std, as diffusion models take them (default); raw: as the encoder gives "
                            + "them.")
    private LatentFlags.Meaning meaning = LatentFlags.Meaning.NORMALIZED;

    @Mixin
    private FrameFlags reading;

    @ArgGroup(validate = false, heading = "%nThe clip:%n", order = 2)
    private ClipFlags clip = new ClipFlags();

    @ArgGroup(validate = false, heading = "%nHow it is computed:%n", order = 3)
    private PlanFlags plan = new PlanFlags();

    /** Which part of a video is encoded, and at which size. */
    static final class ClipFlags {
        @Option(
                names = "--size",
                paramLabel = "WxH",
                converter = SizeConverter.class,
                description = "Resample pictures to this size, width first, like 832x480.")
        private Fitting.Size size;

        @Option(
                names = "--fit",
                paramLabel = "crop|pad|scale",
                description =
                        "What to do with pixels and frames that do not fill a latent: crop pictures on all sides, pad by repeating the edge "
                                + "and the last frame, or scale pictures (default: the encoder leaves them out, as diffusers does).")
        private Fitting.Way fit = Fitting.Way.REFERENCE;

        @Option(names = "--frames", paramLabel = "N", description = "Take at most this many frames.")
        private Integer frames;

        @Option(
                names = "--fps",
                paramLabel = "RATE",
                converter = VideoFlags.FpsConverter.class,
                description =
                        "Take this many frames per second of the video, leaving out or repeating some (default: all).")
        private Fps fps;

        @Option(names = "--start", paramLabel = "SECONDS", description = "Where in the video to begin (default: 0).")
        private double start;

        @Option(
                names = "--color",
                paramLabel = "auto|bt601|bt709",
                description =
                        "YUV matrix of a file that does not name one (default: auto, BT.601 under 720 lines, BT.709 from there on).")
        private Color color = Color.AUTO;

        ClipSelection selection() {
            try {
                return new ClipSelection(
                        start, Optional.ofNullable(fps), frames == null ? OptionalInt.empty() : OptionalInt.of(frames));
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage() + ".");
            }
        }
    }

    /**
     * Opens the description of weights with an encoder, as the model that {@code --family} names, if given.
     *
     * @throws IOException in one sentence if they cannot be read or have no encoder
     */
    public Checkpoint open(Path weights) throws IOException {
        Checkpoint checkpoint = family.open(weights);
        try {
            checkpoint.tensors(Half.ENCODER);
            return checkpoint;
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /** The options for opening the weights themselves. */
    public OpenOptions opening() {
        return OpenOptions.DEFAULT
                .withAllowNonfinite(sources().allowNonfinite())
                .withHalves(Half.ENCODER);
    }

    /**
     * The type of the numbers in a file of latents.
     *
     * @throws UsageException if such a file cannot be written
     */
    public DType numbers(Path out) {
        DType numbers = DType.valueOf(dtype.name());
        try {
            LatentWriting.check(out, numbers);
            return numbers;
        } catch (IllegalArgumentException e) {
            throw new UsageException("-o: " + e.getMessage() + ".");
        }
    }

    /**
     * The given options with those of the command line applied.
     *
     * @throws IOException if temporary files cannot be written where they are to go
     * @throws UsageException if they exclude each other
     */
    public EncodeOptions options(EncodeOptions options) throws IOException {
        if (seed != null && posterior != PosteriorName.SAMPLE)
            throw new UsageException("--seed is for --posterior sample.");
        return plan.apply(options)
                .withAllowNonfinite(sources().allowNonfinite())
                .withNormalized(meaning == LatentFlags.Meaning.NORMALIZED)
                .withPosterior(
                        switch (posterior) {
                            case MODE -> Posterior.MODE;
                            case SAMPLE -> Posterior.sample(seed == null ? 0 : seed);
                            case MOMENTS -> Posterior.MOMENTS;
                        });
    }

    /** Opens the pictures of a file, folder or pattern, or, if {@code video} is {@code -}, of standard input. */
    public PictureSource read(String video, InputStream standardInput) throws IOException {
        try {
            return PictureSource.open(video, standardInput, sources());
        } catch (UntoldException e) {
            throw FrameFlags.told(e);
        }
    }

    /**
     * Selects the pictures to encode and brings them to the size to encode. Closing the result closes {@code pictures}.
     *
     * @param name what messages call the pictures
     * @throws IOException if there are none
     * @throws UsageException if the options select no possible part of a video
     */
    public FrameSource frames(PictureSource pictures, String name, VaeConfig vae) throws IOException {
        if (pictures.shape().frames() == 0) throw new FormatException(name + " has no frames");
        return new Fitting(
                        Optional.ofNullable(clip.size),
                        clip.fit,
                        vae.spatialScale(),
                        vae.temporalScale(),
                        vae.imageChannels())
                .of(clip.selection().of(pictures, name));
    }

    private SourceOptions sources() {
        return reading.options(clip.color);
    }

    private static final class SizeConverter implements ITypeConverter<Fitting.Size> {
        private static final Pattern SYNTAX = Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})");

        @Override
        public Fitting.Size convert(String text) {
            Matcher parts = SYNTAX.matcher(text);
            if (!parts.matches()) throw new TypeConversionException("'" + text + "' is not WIDTHxHEIGHT, like 832x480");
            try {
                return new Fitting.Size(Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(1)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
