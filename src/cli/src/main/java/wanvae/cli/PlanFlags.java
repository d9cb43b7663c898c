package wanvae.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Stack;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.FrameTiling;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;

/**
 * The options that say how a decode or encode is divided, shared by {@code decode}, {@code encode} and {@code info}.
 */
final class PlanFlags {
    @Option(
            names = "--tile",
            arity = "0..1",
            fallbackValue = "256x256:192x192",
            paramLabel = "HxW:SHxSW",
            converter = TilingArgument.class,
            preprocessor = TilingArgument.class,
            description =
                    "Work in blended tiles as diffusers' enable_tiling() does: tile size and stride in pixels (without a value: ${FALLBACK-VALUE}), but in patches of 2x2 pixels when Wan 2.2 encodes. "
                            + "Small tiles are computed several at a time, as far as 4 GB or --memory allow.")
    private Tiling tile;

    @Option(
            names = "--tile-frames",
            paramLabel = "N:S|off",
            converter = FrameTilingArgument.class,
            description =
                    "Frames of a tile and their stride, for HunyuanVideo, which is tiled in time (default there: 16:12); off decodes the clip at once.")
    private FrameTiling tileFrames;

    @Option(
            names = "--slice",
            description = "Has no effect: the members of a batch are always taken one by one, with the same result.")
    private boolean slice;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description =
                    "Upper bound on resident memory, like 3g or 512m (default: what the machine has). The result stays the same, but takes longer. "
                            + "It never changes the tiles of --tile: if they do not fit, the command is refused and names the least SIZE that suffices.")
    private ByteSize memory;

    @Option(
            names = "--temp-dir",
            paramLabel = "DIR",
            description =
                    "Where temporary files go (default: the system's temporary directory). None are made in a directory "
                            + "that lies in memory (tmpfs).")
    private Path tempDir;

    /**
     * These flags on top of {@code options}.
     *
     * @throws IOException if temporary files cannot be written where they are to go
     */
    DecodeOptions apply(DecodeOptions options) throws IOException {
        if (memory != null) options = options.withMemoryLimitBytes(memory.bytes());
        if (tile != null) options = options.withTiling(tile);
        if (tileFrames != null) options = options.withFrameTiling(tileFrames);
        return tempDir == null ? options : options.withTemporaryDirectory(temporaryDirectory());
    }

    /**
     * These flags on top of {@code options}.
     *
     * @throws IOException if temporary files cannot be written where they are to go
     */
    EncodeOptions apply(EncodeOptions options) throws IOException {
        if (tileFrames != null)
            throw new UsageException("--tile-frames is for decoding HunyuanVideo's latents: encoders take any length.");
        if (memory != null) options = options.withMemoryLimitBytes(memory.bytes());
        if (tile != null) options = options.withTiling(tile);
        return tempDir == null ? options : options.withTemporaryDirectory(temporaryDirectory());
    }

    private Path temporaryDirectory() throws IOException {
        if (!Files.exists(tempDir)) throw new IOException("--temp-dir: the folder " + tempDir + " does not exist");
        if (!Files.isDirectory(tempDir)) throw new IOException("--temp-dir: " + tempDir + " is no folder");
        if (!Files.isWritable(tempDir)) throw new IOException("--temp-dir: no permission to write in " + tempDir);
        return tempDir;
    }

    /**
     * Refuses tiles that do not consist of whole latent pixels of this VAE, and tiles in time for a VAE without them.
     */
    void requireFits(VaeConfig vae) {
        String flag = "--tile: ";
        try {
            if (tile != null) tile.requireFits(vae);
            flag = "--tile-frames: ";
            if (tileFrames != null) tileFrames.requireFits(vae);
        } catch (IllegalArgumentException e) {
            throw new UsageException(flag + e.getMessage());
        }
    }

    private static final class FrameTilingArgument implements ITypeConverter<FrameTiling> {
        private static final Pattern SYNTAX = Pattern.compile("(\\d{1,6}):(\\d{1,6})");

        @Override
        public FrameTiling convert(String text) {
            if (text.equals("off")) return FrameTiling.OFF;
            Matcher parts = SYNTAX.matcher(text);
            if (!parts.matches())
                throw new TypeConversionException("'" + text + "' is neither FRAMES:STRIDE, like 16:12, nor off");
            try {
                return FrameTiling.of(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is no tiling: " + e.getMessage());
            }
        }
    }

    private static final class TilingArgument implements ITypeConverter<Tiling>, IParameterPreprocessor {
        private static final Pattern SYNTAX = Pattern.compile("(\\d{1,6})x(\\d{1,6}):(\\d{1,6})x(\\d{1,6})");

        /**
         * Takes the word after {@code --tile} for its value only if it looks like one: it may be the name of the
         * latents instead.
         */
        @Override
        public boolean preprocess(Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (" ".equals(info.get("separator"))
                    && (words.isEmpty() || !words.peek().matches("\\d+x\\d+:.*")))
                words.push(((OptionSpec) option).fallbackValue());
            return false;
        }

        @Override
        public Tiling convert(String text) {
            Matcher parts = SYNTAX.matcher(text);
            if (!parts.matches())
                throw new TypeConversionException(
                        "'" + text + "' is not HEIGHTxWIDTH:STRIDExSTRIDE in pixels, like 256x256:192x192");
            int[] sizes = IntStream.rangeClosed(1, 4)
                    .map(i -> Integer.parseInt(parts.group(i)))
                    .toArray();
            try {
                return Tiling.of(sizes[0], sizes[1], sizes[2], sizes[3]);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is no tiling: " + e.getMessage());
            }
        }
    }
}
