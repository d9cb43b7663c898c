package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.encode.EncodeOptions;
import wanvae.encode.Posterior;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentWriting;
import wanvae.tensorfile.DType;
import wanvae.video.picture.Color;
import wanvae.video.picture.Fps;
import wanvae.video.source.ClipSelection;
import wanvae.video.source.Fitting;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;
import wanvae.video.source.UntoldException;

/** {@code wanvae encode}: a video or pictures into latents. */
@Command(
        name = "encode",
        sortOptions = false,
        customSynopsis = "wanvae encode VIDEO -w WEIGHTS -o OUT [OPTIONS]",
        description = "Encode a video, pictures or raw samples into latents.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae encode in.mp4 -w Wan2.1-T2V-1.3B-Diffusers -o latents.safetensors --size 832x480 --frames 81",
            "  wanvae encode picture.png -w vae.wanvae -o latents.pt --dtype bf16",
            "  wanvae encode sample.npy -w vae/ -o moments.safetensors --posterior moments",
            "  ffmpeg -i in.mkv -pix_fmt yuv420p -f yuv4mpegpipe - | wanvae encode - -w vae/ -o latents.safetensors"
        })
final class EncodeCommand implements Callable<Integer> {
    /** What a latent is made of. */
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

    private final Console console;
    private final Interruption interruption;

    @Parameters(
            index = "0",
            paramLabel = "VIDEO",
            description =
                    "A .mp4 or .mov with H.264, a .gif, a .y4m, or - for Y4M on standard input; a folder of PNGs or "
                            + "JPEGs, a pattern like frames-%%05d.png, a .png or .jpg; a .npy or .safetensors with [F][H][W][3] "
                            + "(floats in [0, 1] or bytes), or a raw sample [B][3][F][H][W] in [-1, 1], which goes in untouched.")
    private String video;

    @Option(
            names = {"-w", "--weights"},
            required = true,
            paramLabel = "WEIGHTS",
            description =
                    "The VAE: a diffusers vae/ folder, a pipeline folder that contains one, a .safetensors, .pth or .wanvae file.")
    private Path weights;

    @Mixin
    private WeightFamily family;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "By its ending: .safetensors (tensor 'latents'), .npy, or .pt as torch.save writes it.")
    private Path out;

    @Option(names = "--no-clobber", description = "Refuse to replace an existing file.")
    private boolean noClobber;

    @Option(names = "--dtype", paramLabel = "f32|bf16|f16", description = "Type of the numbers in OUT (default: f32).")
    private Numbers dtype = Numbers.F32;

    @Option(
            names = "--posterior",
            paramLabel = "mode|sample|moments",
            description =
                    "mode: the means (default); sample: drawn, see --seed; moments: [B][2z][T][h][w], means, then "
                            + "logarithms of variances.")
    private PosteriorName posterior = PosteriorName.MODE;

    @Option(names = "--seed", paramLabel = "N", description = "What a sample is drawn with (default: 0).")
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

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private CommonFlags common;

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
                        "Pixels and frames that make no latents: crop pictures on all sides, pad by repeating the edge "
                                + "and the last frame, or scale pictures (default: left out by the encoder, as the reference does).")
        private Fitting.Way fit = Fitting.Way.REFERENCE;

        @Option(names = "--frames", paramLabel = "N", description = "Take at most this many frames.")
        private Integer frames;

        @Option(
                names = "--fps",
                paramLabel = "RATE",
                converter = VideoFlags.FpsConverter.class,
                description = "Take this many frames of a second, leaving out or repeating some (default: all).")
        private Fps fps;

        @Option(names = "--start", paramLabel = "SECONDS", description = "Begin there (default: 0).")
        private double start;

        @Option(
                names = "--color",
                paramLabel = "auto|bt601|bt709",
                description = "YUV matrix of a file that does not tell (default: auto, BT.601 under 720 lines).")
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

    EncodeCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        DType numbers = DType.valueOf(dtype.name());
        try {
            LatentWriting.check(out, numbers);
        } catch (IllegalArgumentException e) {
            throw new UsageException("-o: " + e.getMessage() + ".");
        }
        if (seed != null && posterior != PosteriorName.SAMPLE)
            throw new UsageException("--seed is for --posterior sample.");
        SourceOptions sources = reading.options(clip.color);
        EncodeOptions options = plan.apply(threads.encodeOptions())
                .withAllowNonfinite(sources.allowNonfinite())
                .withNormalized(meaning == LatentFlags.Meaning.NORMALIZED)
                .withPosterior(
                        switch (posterior) {
                            case MODE -> Posterior.MODE;
                            case SAMPLE -> Posterior.sample(seed == null ? 0 : seed);
                            case MOMENTS -> Posterior.MOMENTS;
                        });
        ClipSelection selection = clip.selection();
        String name = video.equals("-") ? "standard input" : video;
        try (Checkpoint checkpoint = family.open(weights)) { // its description only: weights may be gigabytes
            checkpoint.tensors(Half.ENCODER);
            VaeConfig config = checkpoint.config();
            Fitting fitting = new Fitting(
                    Optional.ofNullable(clip.size),
                    clip.fit,
                    config.spatialScale(),
                    config.temporalScale(),
                    config.imageChannels());
            try (PictureSource pictures = open(sources)) {
                pictures.notes().forEach(this::note);
                if (!pictures.pixelAspect().isSquare())
                    note("pixels of " + name + " are " + pictures.pixelAspect() + ", and are taken as square");
                try (FrameSource frames = fitting.of(selection.of(pictures, name));
                        WanVae vae = WanVae.open(
                                checkpoint,
                                OpenOptions.DEFAULT
                                        .withAllowNonfinite(sources.allowNonfinite())
                                        .withThreads(options.threads())
                                        .withHalves(Half.ENCODER))) {
                    new Encoding(console, interruption, common.quiet)
                            .run(vae, frames, options, out, numbers, !noClobber);
                }
            }
        }
        return 0;
    }

    private PictureSource open(SourceOptions options) throws IOException {
        try {
            return PictureSource.open(video, console.in(), options);
        } catch (UntoldException e) {
            throw FrameFlags.told(e);
        }
    }

    private void note(String text) {
        if (!common.quiet) console.err().println("Note: " + text + ".");
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
