package wanvae.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import wanvae.DecodeOptions;

/** How a decode is divided: shared by {@code decode} and {@code info}. */
final class PlanFlags {
    @Option(names = "--tile", arity = "0..1", fallbackValue = "256x256:192x192", paramLabel = "HxW:SHxSW",
            description = "Decode in blended tiles as diffusers' enable_tiling() does: tile size and stride in pixels (alone: ${FALLBACK-VALUE}).")
    private String tile;

    @Option(names = "--tile-frames", paramLabel = "N:S|off",
            description = "Frames of a tile and their stride, for families that tile in time (HunyuanVideo: 16:12); off decodes the clip at once.")
    private String tileFrames;

    @Option(names = "--slice", description = "Decode the members of a batch one by one: they always are, the result is the same.")
    private boolean slice;

    @Option(names = "--memory", paramLabel = "SIZE", converter = ByteSize.Converter.class,
            description = "Upper bound on resident memory, like 3g or 512m.")
    private ByteSize memory;

    @Option(names = "--temp-dir", paramLabel = "DIR", description = "Where temporary files go (default: the system's).")
    private Path tempDir;

    /** These flags on top of {@code options}. */
    DecodeOptions apply(DecodeOptions options) {
        if (tile != null) throw new UsageException("--tile is not available in this version.");
        if (tileFrames != null) throw new UsageException("--tile-frames is not available in this version.");
        if (memory != null) throw new UsageException("--memory is not available in this version.");
        if (tempDir != null) throw new UsageException("--temp-dir is not available in this version: decoding uses no temporary files.");
        return options;
    }
}
