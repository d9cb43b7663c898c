package wanvae;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.HunyuanConfig;
import wanvae.checkpoint.VaeConfig;
import wanvae.checkpoint.WanConfig;
import wanvae.kernel.Team;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.Decoding;
import wanvae.model.HunyuanDecoder;
import wanvae.model.Rehearsal;
import wanvae.model.TilePlan;
import wanvae.model.VaeDecoder;
import wanvae.model.WanDecoder;
import wanvae.model.Weights;
import wanvae.tensorfile.FormatException;
import wanvae.video.Frame;
import wanvae.video.FrameQueue;
import wanvae.video.FrameSink;
import wanvae.video.VideoShape;

/**
 * An open VAE: its decoder's weights packed in off-heap memory. Immutable and safe for many decodes at once; each decode owns its scratch
 * and feature caches and frees them when it ends, however it ends. Closing frees the weights; decodes must have ended.
 */
public final class WanVae implements AutoCloseable {
    /** Frames that may wait for a slow sink. */
    private static final int QUEUED_FRAMES = 4;
    /** The JVM itself, its heap and compiled code, and a video encoder: what a process took beyond the decoder's own memory, measured. */
    private static final long PROCESS = 300L << 20;

    private final Arena arena;
    private final VaeDecoder decoder;
    private final long weightBytes;

    private WanVae(Arena arena, VaeDecoder decoder, long weightBytes) {
        this.arena = arena;
        this.decoder = decoder;
        this.weightBytes = weightBytes;
    }

    /**
     * Opens a VAE: a diffusers {@code vae/} folder, a pipeline folder that contains one, a .safetensors, a .pth or a .wanvae file.
     *
     * @throws FormatException if the file is not a VAE we can decode with, in one sentence
     * @throws IOException if it cannot be read
     */
    public static WanVae open(Path weights) throws IOException {
        return open(weights, OpenOptions.DEFAULT);
    }

    /** As {@link #open(Path)}, with options. */
    public static WanVae open(Path weights, OpenOptions options) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            return open(checkpoint, options);
        }
    }

    /** Opens the VAE of a checkpoint, which stays the caller's and may be closed afterwards. */
    public static WanVae open(Checkpoint checkpoint, OpenOptions options) throws IOException {
        Arena arena = Arena.ofShared();
        try (WarmUp warmUp = options.warmUp() && checkpoint.config() instanceof WanConfig wan ? WarmUp.begin(wan) : null) {
            Weights weights = Weights.read(checkpoint, arena, options.allowNonfinite(), options.threads());
            VaeDecoder decoder = switch (checkpoint.config()) {
                case WanConfig wan -> new WanDecoder(weights, wan);
                case HunyuanConfig hunyuan -> new HunyuanDecoder(weights, hunyuan);
            };
            if (warmUp != null) warmUp.await();
            return new WanVae(arena, decoder, weights.bytes());
        } catch (Throwable e) {
            arena.close();
            if (e instanceof OutOfMemoryError) throw new IOException("Not enough memory for the weights of " + checkpoint.path() + ".", e);
            throw e;
        }
    }

    public VaeConfig config() {
        return decoder.config();
    }

    /**
     * What decoding latents of this shape will cost.
     *
     * @throws IllegalArgumentException if this VAE cannot decode them so, in one sentence
     */
    public DecodePlan plan(LatentShape latents, DecodeOptions options) {
        return plan(latents, options, decoding(latents, "latents " + latents, options, limit(options)));
    }

    /** As {@link #plan(LatentShape, DecodeOptions)}; messages name where the latents came from. */
    public DecodePlan plan(Latents latents, DecodeOptions options) {
        return plan(latents.shape(), options, decoding(latents.shape(), latents.name(), options, limit(options)));
    }

    private DecodePlan plan(LatentShape latents, DecodeOptions options, Decoding decoding) {
        Rehearsal rehearsal = decoding.rehearsal();
        long limit = limit(options), memory = fixedBytes(latents) + decoding.bytes(options.threads());
        boolean bounded = options.memory() == 0
                && fixedBytes(latents) + decoding(latents, "latents", options, Long.MAX_VALUE).bytes(options.threads()) > limit;
        return new DecodePlan(video(latents), options.threads(), decoding.operations(), memory, weightBytes, decoding.disk(), limit, bounded, List.of(
                decoding.order(),
                "feature caches and activations " + size(rehearsal.frameBytes()) + ", weights " + size(weightBytes) + " and, transformed, "
                        + size(rehearsal.kept() + rehearsal.weightRoom()) + ", scratch " + size(rehearsal.scratchBytes()) + " a thread"));
    }

    /** Bytes of everything but the decoder's own memory. */
    private long fixedBytes(LatentShape latents) {
        VideoShape video = video(latents);
        long latentBytes = 4L * latents.batch() * latents.channels() * latents.frames() * latents.height() * latents.width();
        return weightBytes + latentBytes + 12L * QUEUED_FRAMES * video.height() * video.width() + PROCESS;
    }

    /** Bytes a decode may take: what was asked for, else what the machine or its container has, with something left for the system. */
    private static long limit(DecodeOptions options) {
        if (options.memory() > 0) return options.memory();
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() / 20 * 19;
    }

    /** Decodes with {@link DecodeOptions#DEFAULT}. */
    public void decode(Latents latents, FrameSink sink) throws IOException {
        decode(latents, sink, DecodeOptions.DEFAULT);
    }

    /**
     * Decodes latents into a sink: begin, every frame of every member in order, finish. Does not close the sink, which is called from a thread
     * of its own beside the decoder, a few frames behind it.
     *
     * @throws IllegalArgumentException if the latents or the tiling do not fit this VAE, in one sentence
     * @throws FormatException if latents or results are not finite (unless allowed), naming the first position
     * @throws java.util.concurrent.CancellationException if cancelled or interrupted
     * @throws IOException what the sink threw, or if memory or temporary disk space do not suffice
     */
    public void decode(Latents latents, FrameSink sink, DecodeOptions options) throws IOException {
        LatentShape shape = latents.shape();
        Decoding decoding = decoding(shape, latents.name(), options, limit(options));
        requireMemory(plan(shape, options, decoding), options);
        if (!options.allowNonfinite()) requireFinite(latents);
        VideoShape video = video(shape);
        int total = video.members() * video.frames();
        int[] delivered = {0};
        try (Team team = new Team(options.threads(), options.cancelled()); FrameQueue queue = new FrameQueue(unclosed(sink), QUEUED_FRAMES)) {
            queue.begin(video);
            FrameSink counting = (member, index, frame) -> {
                queue.frame(member, index, frame);
                delivered[0]++;
            };
            decoding.run(latents, counting, team, options.clamp(), options.allowNonfinite(),
                    work -> options.listener().progress(delivered[0], total, work));
            queue.finish();
            options.listener().progress(total, total, 1);
        } catch (OutOfMemoryError e) {
            throw new IOException("Not enough memory: decoding " + latents.name() + " takes " + size(decoding.bytes(options.threads())) + " beside the weights.", e);
        }
    }

    /**
     * Checks that a VAE of this configuration decodes latents of this shape.
     *
     * @param name what the message calls the latents
     * @throws IllegalArgumentException if it does not, saying which VAE has so many channels
     */
    public static void requireFits(VaeConfig config, LatentShape latents, String name) {
        if (latents.channels() != config.latentChannels())
            throw new IllegalArgumentException(name + ": " + latents.channels() + " latent channels, but this " + config.family()
                    + " VAE decodes " + config.latentChannels()
                    + (latents.channels() == 48 ? "; 48 channels need the VAE of Wan 2.2 TI2V-5B."
                    : latents.channels() == 16 ? "; 16 channels need the VAE of Wan 2.1 (which Wan 2.2's 14B models use too) or HunyuanVideo."
                    : "; Wan 2.1 and HunyuanVideo have 16, Wan 2.2 TI2V-5B 48."));
    }

    private Decoding decoding(LatentShape shape, String name, DecodeOptions options, long limit) {
        VaeConfig config = decoder.config();
        requireFits(config, shape, name);
        long pixels = (long) shape.height() * shape.width() * config.spatialScale() * config.spatialScale();
        if (pixels > Integer.MAX_VALUE / 4) throw new IllegalArgumentException(name + " of " + shape.height() + "x" + shape.width() + " would make frames of "
                + pixels + " pixels, more than " + Integer.MAX_VALUE / 4 + ".");
        Tiling tiling = options.tiling();
        if (tiling != null) tiling.requireFits(config);
        int scale = config.spatialScale();
        TilePlan tiles = tiling == null ? null : new TilePlan(shape.height(), shape.width(), tiling.height() / scale, tiling.width() / scale,
                tiling.strideHeight() / scale, tiling.strideWidth() / scale);
        FrameTiling time = options.frameTiling();
        if (time != null) time.requireFits(config);
        return switch (decoder) {
            case WanDecoder wan -> Decoding.plan(wan, shape, tiles, options.temporary(), options.threads(), limit - fixedBytes(shape));
            case HunyuanDecoder hunyuan -> {
                FrameTiling chosen = time == null ? FrameTiling.DEFAULT : time;
                yield Decoding.plan(hunyuan, shape, tiles, chosen.frames(), chosen.stride(), options.temporary(), options.threads(),
                        limit - fixedBytes(shape));
            }
        };
    }

    private VideoShape video(LatentShape latents) {
        VaeConfig config = decoder.config();
        return new VideoShape(latents.batch(), 1 + config.temporalScale() * (latents.frames() - 1), latents.height() * config.spatialScale(),
                latents.width() * config.spatialScale());
    }

    private void requireMemory(DecodePlan plan, DecodeOptions options) throws IOException {
        boolean hunyuan = decoder instanceof HunyuanDecoder;
        if (plan.memory() > plan.limit()) throw new IOException("Decoding " + plan.video().width() + "x" + plan.video().height() + " takes at least "
                + size(plan.memory()) + " of memory, but " + (options.memory() > 0 ? "was given " : "this machine has ") + size(plan.limit())
                + (hunyuan ? "; smaller tiles take less, but they change this family's result, so none are chosen for it." : "."));
    }

    private static void requireFinite(Latents latents) throws FormatException {
        long first = latents.firstNonfinite();
        if (first < 0) return;
        LatentShape s = latents.shape();
        long x = first % s.width(), y = first / s.width() % s.height(), f = first / s.width() / s.height() % s.frames();
        long c = first / s.width() / s.height() / s.frames() % s.channels(), b = first / s.width() / s.height() / s.frames() / s.channels();
        throw new FormatException(latents.name() + " holds a value that is not finite, first at [" + b + ", " + c + ", " + f + ", " + y + ", " + x
                + "] of " + s + "; nonfinite latents are decoded only if allowed.");
    }

    /** The sink without its close, which is its owner's. */
    private static FrameSink unclosed(FrameSink sink) {
        return new FrameSink() {
            @Override
            public void begin(VideoShape shape) throws IOException {
                sink.begin(shape);
            }

            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                sink.frame(member, index, frame);
            }

            @Override
            public void finish() throws IOException {
                sink.finish();
            }
        };
    }

    private static String size(long bytes) {
        return bytes >= 1 << 30 ? String.format(Locale.ROOT, "%.1f GB", bytes / 1e9) : String.format(Locale.ROOT, "%.0f MB", Math.ceil(bytes / 1e6));
    }

    @Override
    public void close() {
        arena.close();
    }
}
