package wanvae.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.video.Mp4Options;
import wanvae.video.Preset;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.Fps;

/** The options that say how a video is encoded, shared by all commands that write one. */
final class VideoFlags {
    private static final Pattern BITRATE =
            Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)([km]?)", Pattern.CASE_INSENSITIVE);

    @Option(
            names = "--fps",
            paramLabel = "RATE",
            converter = FpsConverter.class,
            description =
                    "Frames a second, like 16, 23.976 or 24000/1001 (default for decode: the model's, 16 for Wan 2.1, 24 for Wan 2.2; "
                            + "for export: the source's own, else 10).")
    private Fps fps;

    @Option(
            names = "--quality",
            paramLabel = "0..10",
            description = "Picture quality, decimals allowed (default: 5); even 10 is not lossless: it is QP 0.")
    private Double quality;

    @Option(
            names = "--bitrate",
            paramLabel = "BITS",
            converter = BitrateConverter.class,
            description = "Average bits a second, like 800000, 800k or 2m, instead of a constant quality.")
    private Long bitrate;

    @Option(
            names = "--qp",
            paramLabel = "0..51",
            description = "The same quantiser for every block, instead of a quality.")
    private Integer qp;

    @Option(
            names = "--two-pass",
            description = "Encode twice, to keep to the --bitrate more closely and spend it where it is needed.")
    private boolean twoPass;

    @Option(
            names = "--preset",
            paramLabel = "fast|medium|slow",
            description = "How much work to spend on a smaller file (default: medium).")
    private Preset preset;

    @Option(
            names = "--keyint",
            paramLabel = "N",
            description = "At most this many frames from one key frame to the next (default: 250).")
    private Integer keyint;

    @Option(
            names = "--macro-block-size",
            paramLabel = "N",
            description = "Enlarge height and width to multiples of N (default: 16); 1 leaves frames as they are.")
    private Integer macroBlockSize;

    @Option(
            names = "--color",
            paramLabel = "auto|bt601|bt709",
            description = "YUV matrix (default: auto, BT.601 under 720 lines, BT.709 from there on).")
    private Color color;

    @Option(
            names = "--chroma",
            paramLabel = "420|444",
            converter = ChromaConverter.class,
            description =
                    "Samples of colour in an .mp4: one for four pixels, which every player shows (default: 420), or one "
                            + "for each, which keeps coloured edges sharp and which many browsers and hardware decoders refuse.")
    private Chroma chroma;

    @Option(
            names = "--audio",
            paramLabel = "FILE",
            description =
                    "Add the sound of a file without recoding it, cut or continued with silence to the video's length: "
                            + ".m4a, .mp4 or .mov with AAC into .mp4 or .mov, .wav into .mov.")
    private Path audio;

    @Option(
            names = "--meta",
            paramLabel = "KEY=VALUE",
            description = "Store metadata in the .mp4 or .mov; may be given several times: title=…, comment=…, "
                    + "creation_time=2026-01-31T12:00:00Z, or any other key, like prompt=….")
    private Map<String, String> metadata = Map.of();

    /**
     * @param defaultFps the frame rate unless the user gave one
     * @throws IllegalArgumentException if that is too slow for {@link Mp4Options}
     */
    Mp4Options options(Fps defaultFps) {
        if (Stream.of(quality, bitrate, qp).filter(rate -> rate != null).count() > 1)
            throw new UsageException("--quality, --bitrate and --qp exclude each other.");
        if (twoPass && bitrate == null) throw new UsageException("--two-pass keeps a --bitrate, and none is given.");
        Mp4Options options = fps == null ? Mp4Options.DEFAULT.withFps(defaultFps) : Mp4Options.DEFAULT;
        options = with("--fps", fps, options::withFps, options);
        options = with("--quality", quality, options::withQuality, options);
        options = with("--bitrate", bitrate, options::withBitrate, options);
        options = with("--qp", qp, options::withQp, options);
        options = with("--keyint", keyint, options::withKeyint, options);
        options = with("--macro-block-size", macroBlockSize, options::withMacroBlockSize, options);
        options = with("--preset", preset, options::withPreset, options);
        if (twoPass) options = options.withTwoPass(Path.of(System.getProperty("java.io.tmpdir")));
        options = with("--meta", metadata, options::withMetadata, options);
        options = with("--audio", audio, options::withAudio, options);
        options = with("--chroma", chroma, options::withChroma, options);
        return with("--color", color, options::withColor, options);
    }

    static <T> Mp4Options with(String flag, T value, Function<T, Mp4Options> change, Mp4Options otherwise) {
        try {
            return value == null ? otherwise : change.apply(value);
        } catch (IllegalArgumentException e) {
            throw new UsageException(flag + ": " + e.getMessage() + ".");
        }
    }

    static final class FpsConverter implements ITypeConverter<Fps> {
        @Override
        public Fps convert(String text) {
            try {
                return Fps.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class ChromaConverter implements ITypeConverter<Chroma> {
        @Override
        public Chroma convert(String text) {
            return switch (text) {
                case "420" -> Chroma.YUV420;
                case "444" -> Chroma.YUV444;
                default -> throw new TypeConversionException("'" + text + "' is neither 420 nor 444");
            };
        }
    }

    static final class BitrateConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            Matcher parts = BITRATE.matcher(text);
            if (!parts.matches())
                throw new TypeConversionException("'" + text + "' is not a bitrate like 800000, 800k or 2m");
            double unit = switch (parts.group(2).toLowerCase(Locale.ROOT)) {
                case "k" -> 1e3;
                case "m" -> 1e6;
                default -> 1;
            };
            return Math.round(Double.parseDouble(parts.group(1)) * unit);
        }
    }
}
