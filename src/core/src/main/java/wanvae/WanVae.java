package wanvae;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeListener;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.DecodeRun;
import wanvae.decode.Decoding;
import wanvae.decode.FrameTiling;
import wanvae.decode.MemoryNeeds;
import wanvae.decode.TilePlan;
import wanvae.decode.Tiling;
import wanvae.family.VaeFamily;
import wanvae.frame.Frame;
import wanvae.frame.FrameQueue;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.model.VaeDecoder;
import wanvae.model.Weights;
import wanvae.runtime.Callbacks;
import wanvae.runtime.KeptMemory;
import wanvae.runtime.Lifetime;
import wanvae.runtime.Team;
import wanvae.runtime.WorkerPool;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * An open VAE: its decoder's weights packed in off-heap memory. Immutable and safe for many decodes at once; each
 * decode owns its scratch and feature caches and frees them when it ends, however it ends (or leaves their memory to
 * the next: {@link OpenOptions#keepMemory}).
 *
 * <p>Closing frees the weights. It may be called at any time, from any thread: {@link #close} waits for the decodes that
 * run, {@link #closeNow} cancels them and waits until they have ended. Decodes and plans that begin later get an {@link
 * IllegalStateException}. Nothing that runs ever uses freed memory.
 */
public final class WanVae implements AutoCloseable {
    /** Frames that may wait for a slow sink. */
    private static final int QUEUED_FRAMES = 4;
    /**
     * The JVM itself, its heap and compiled code, and a video encoder: what a process took beyond the decoder's own
     * memory, measured.
     */
    private static final long PROCESS = 300L << 20;

    private final Path weights;
    private final Arena arena;
    private final VaeDecoder decoder;
    private final long weightBytes;
    private final LongSupplier machine;
    /** The most bytes of transformed weights that a decode so far has left in the model. */
    private final AtomicLong leftBytes = new AtomicLong();
    /** Null: every decode takes new memory. */
    private final KeptMemory kept;
    /** Null: kernels are compiled as they come. */
    private final WarmUp warmUp;
    /** Held by every decode and plan. */
    private final Lifetime lifetime = new Lifetime("this VAE");

    private WanVae(
            Path weights,
            Arena arena,
            VaeDecoder decoder,
            long weightBytes,
            LongSupplier machine,
            KeptMemory kept,
            WarmUp warmUp) {
        this.weights = weights;
        this.arena = arena;
        this.decoder = decoder;
        this.weightBytes = weightBytes;
        this.machine = machine;
        this.kept = kept;
        this.warmUp = warmUp;
    }

    /**
     * Opens a VAE: a diffusers {@code vae/} folder, a pipeline folder that contains one, a .safetensors, a .pth or a
     * .wanvae file.
     *
     * @throws FormatException if the file is not a VAE we can decode with, in one sentence
     * @throws IOException if it cannot be read, or memory does not suffice
     */
    public static WanVae open(Path weights) throws IOException {
        return open(weights, OpenOptions.DEFAULT);
    }

    /**
     * As {@link #open(Path)}, with options.
     *
     * @throws IllegalStateException if the options name a pool of workers that is closed
     */
    public static WanVae open(Path weights, OpenOptions options) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            return open(checkpoint, options);
        }
    }

    /** Opens the VAE of a checkpoint, which stays the caller's and may be closed afterwards. */
    public static WanVae open(Checkpoint checkpoint, OpenOptions options) throws IOException {
        return open(
                checkpoint,
                options,
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getTotalMemorySize);
    }

    /** @param machine tells the memory of the machine or of the container around this process, bytes */
    static WanVae open(Checkpoint checkpoint, OpenOptions options, LongSupplier machine) throws IOException {
        requireSound(checkpoint, checkpoint.config());
        long needed = PROCESS;
        for (TensorInfo tensor : checkpoint.tensors().values()) needed += Float.BYTES * tensor.elements();
        // Memory beyond a container's is not refused when it is taken: the process is killed when it is used.
        if (needed > usable(machine))
            throw new IOException("The weights of " + checkpoint.path() + " take " + size(needed)
                    + " of memory, but this machine has " + size(usable(machine)) + ".");
        Arena arena = Arena.ofShared();
        WarmUp warmUp = options.warmUp() ? WarmUp.begin() : null;
        WorkerPool shared = options.workers().map(WorkerPool::of).orElse(null);
        try (Lifetime.Hold _ = shared == null ? null : shared.lifetime().hold();
                Team team = team(shared, options.threads(), () -> false)) {
            Weights weights = Weights.read(checkpoint, arena, options.allowNonfinite(), team);
            VaeDecoder decoder = VaeFamily.of(checkpoint.config()).decoder(weights, checkpoint.config());
            return new WanVae(
                    checkpoint.path(),
                    arena,
                    decoder,
                    weights.bytes(),
                    machine,
                    options.keepMemory() ? new KeptMemory() : null,
                    warmUp);
        } catch (Throwable e) {
            if (warmUp != null) warmUp.close();
            arena.close();
            if (e instanceof InternalError fault) throw cut(checkpoint.path(), fault);
            if (e instanceof OutOfMemoryError)
                throw new IOException("Not enough memory for the weights of " + checkpoint.path() + ".", e);
            throw e;
        }
    }

    /**
     * Checks what the kernels rely on, which reach memory by address: anyone may implement {@link Checkpoint}.
     *
     * @throws FormatException if a tensor is missing or has another shape than its layer
     */
    private static <C extends VaeConfig> void requireSound(Checkpoint checkpoint, C config) throws FormatException {
        VaeFamily<C> family = VaeFamily.of(config);
        family.check(config, checkpoint.path().toString());
        for (var expected : family.tensors(config, Half.DECODER).entrySet()) {
            TensorInfo found = checkpoint.tensors().get(expected.getKey());
            if (found == null || !Arrays.equals(found.shape(), expected.getValue()))
                throw new FormatException(checkpoint.path() + ": tensor " + expected.getKey() + " "
                        + (found == null ? "is missing" : "has shape " + Arrays.toString(found.shape())) + ", expected "
                        + Arrays.toString(expected.getValue()));
        }
    }

    /** On a pool's workers, or (null) on threads of its own. */
    private static Team team(WorkerPool shared, int threads, BooleanSupplier cancelled) {
        return shared == null ? new Team(threads, cancelled) : new Team(shared, cancelled);
    }

    /** The configuration of the decoder; also of a closed VAE. */
    public VaeConfig config() {
        return decoder.config();
    }

    /**
     * What decoding latents of this shape will cost.
     *
     * @throws IllegalArgumentException if this VAE cannot decode them so, in one sentence
     * @throws IllegalStateException if this VAE is closed
     */
    public DecodePlan plan(LatentShape latents, DecodeOptions options) {
        return plan(latents, "latents " + latents, options);
    }

    /** As {@link #plan(LatentShape, DecodeOptions)}; messages name where the latents came from. */
    public DecodePlan plan(Latents latents, DecodeOptions options) {
        return plan(latents.shape(), latents.name(), options);
    }

    private DecodePlan plan(LatentShape latents, String name, DecodeOptions options) {
        try (Lifetime.Hold _ = lifetime.hold()) {
            return plan(latents, options, decoding(latents, name, options, limit(options)));
        }
    }

    private DecodePlan plan(LatentShape latents, DecodeOptions options, Decoding decoding) {
        MemoryNeeds needs = decoding.needs();
        long limit = limit(options),
                memory = bytes(latents, decoding, options),
                asked = options.memoryLimitBytes().orElse(Long.MAX_VALUE);
        boolean bounded = limit < asked
                && memory <= limit
                && bytes(latents, decoding(latents, "latents", options, asked), options) > limit;
        return new DecodePlan(
                video(latents),
                options.threads(),
                decoding.operations(),
                memory,
                weightBytes,
                decoding.disk(),
                limit,
                bounded,
                List.of(
                        decoding.order(),
                        "feature caches and activations " + size(decoding.lanes() * needs.frameBytes())
                                + ", weights " + size(weightBytes) + " and, transformed, "
                                + size(decoding.keptBytes() + leftBytes(decoding)) + ", scratch "
                                + size(needs.scratchBytes()) + " a thread"));
    }

    /** Bytes of the whole process at its peak. */
    private long bytes(LatentShape latents, Decoding decoding, DecodeOptions options) {
        return fixedBytes(latents) + leftBytes(decoding) + decoding.bytes(options.threads());
    }

    /** Bytes of transformed weights that earlier decodes have left, which this one does not count itself. */
    private long leftBytes(Decoding decoding) {
        return Math.max(0, leftBytes.get() - decoding.keptBytes());
    }

    /** Bytes of everything but the decoder's own memory. */
    private long fixedBytes(LatentShape latents) {
        VideoShape video = video(latents);
        long latentBytes =
                4L * latents.batch() * latents.channels() * latents.frames() * latents.height() * latents.width();
        return weightBytes + latentBytes + 12L * QUEUED_FRAMES * video.height() * video.width() + PROCESS;
    }

    /** Bytes a decode may take: what was asked for, or less where the machine has less. */
    private long limit(DecodeOptions options) {
        return Math.min(options.memoryLimitBytes().orElse(Long.MAX_VALUE), usable(machine));
    }

    /** What the machine or its container has, with something left for the system. */
    private static long usable(LongSupplier machine) {
        return machine.getAsLong() / 20 * 19;
    }

    /** Decodes with {@link DecodeOptions#DEFAULT}. */
    public void decode(Latents latents, FrameSink sink) throws IOException {
        decode(latents, sink, DecodeOptions.DEFAULT);
    }

    /**
     * Decodes latents into a sink: begin, every frame of every member in order, finish. Does not close the sink. Its
     * {@code begin} is called by this thread, everything else from a thread of its own beside the decoder, a few frames
     * behind it. What the sink, the listener or the cancellation check throw ends the decode and is thrown unchanged,
     * errors too.
     *
     * @throws IllegalArgumentException if the latents or the tiling do not fit this VAE, in one sentence
     * @throws IllegalStateException if this VAE is closed, or the pool of workers that the options name
     * @throws FormatException if latents or results are not finite (unless allowed), naming the first position
     * @throws CancellationException if cancelled or interrupted, or if {@link #closeNow} ends it
     * @throws IOException what the sink threw, or if memory or temporary disk space do not suffice
     */
    public void decode(Latents latents, FrameSink sink, DecodeOptions options) throws IOException {
        WorkerPool shared = options.workers().map(WorkerPool::of).orElse(null);
        try (Lifetime.Hold _ = lifetime.hold();
                Lifetime.Hold _ = shared == null ? null : shared.lifetime().hold()) {
            decode(latents, sink, options, shared);
        }
    }

    private void decode(Latents latents, FrameSink sink, DecodeOptions options, WorkerPool shared) throws IOException {
        List<Lifetime> held = shared == null ? List.of(lifetime) : List.of(lifetime, shared.lifetime());
        Callbacks callbacks = new Callbacks(held);
        BooleanSupplier cancelled = () ->
                held.stream().anyMatch(Lifetime::isCancelled) || callbacks.call(options.cancelled()::getAsBoolean);
        LatentShape shape = latents.shape();
        Decoding decoding = decoding(shape, latents.name(), options, limit(options));
        requireMemory(plan(shape, options, decoding), leftBytes(decoding), options);
        if (!options.allowNonfinite()) requireFinite(latents);
        VideoShape video = video(shape);
        leftBytes.accumulateAndGet(decoding.keptBytes(), Math::max);
        int total = video.members() * video.frames();
        int[] delivered = {0};
        try (KeptMemory prepared = warmUp(decoding, options, cancelled);
                Team team = team(shared, options.threads(), cancelled);
                FrameQueue queue = new FrameQueue(theirs(sink, callbacks), QUEUED_FRAMES, cancelled)) {
            queue.begin(video);
            FrameSink counting = (member, index, frame) -> {
                queue.frame(member, index, frame);
                delivered[0]++;
            };
            decoding.run(
                    latents,
                    counting,
                    new DecodeRun(
                            team,
                            arenas(decoding, prepared, options),
                            options.clamp(),
                            options.allowNonfinite(),
                            work -> tell(options.listener(), callbacks, delivered[0], total, work)));
            queue.finish();
            tell(options.listener(), callbacks, total, total, 1);
        } catch (OutOfMemoryError e) {
            if (callbacks.threw(e)) throw e;
            throw new IOException(
                    "Not enough memory: decoding " + latents.name() + " takes "
                            + size(decoding.bytes(options.threads())) + " beside the weights.",
                    e);
        } catch (InternalError e) {
            if (callbacks.threw(e)) throw e;
            throw cut(weights, e);
        }
    }

    private static void tell(DecodeListener listener, Callbacks callbacks, int done, int total, double work) {
        callbacks.call(() -> {
            listener.progress(done, total, work);
            return null;
        });
    }

    /** How the JVM reports that a mapped file was cut. */
    private static IOException cut(Path weights, InternalError e) {
        return new IOException(weights + ": was cut or became unreadable while it was in use", e);
    }

    /**
     * Checks that a VAE of this configuration decodes latents of this shape.
     *
     * @param name what the message calls the latents
     * @throws IllegalArgumentException if it does not, saying which VAE has so many channels
     */
    public static void requireFits(VaeConfig config, LatentShape latents, String name) {
        if (latents.channels() != config.latentChannels())
            throw new IllegalArgumentException(
                    name + ": " + latents.channels() + " latent channels, but this " + config.family()
                            + " VAE decodes " + config.latentChannels()
                            + "; " + PublishedVae.forChannels(latents.channels()) + ".");
    }

    private Decoding decoding(LatentShape shape, String name, DecodeOptions options, long limit) {
        VaeConfig config = decoder.config();
        requireFits(config, shape, name);
        double pixels = (double) shape.height() * shape.width() * config.spatialScale() * config.spatialScale();
        if (pixels > Integer.MAX_VALUE / 4)
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s of %dx%d would make frames of %.0f pixels, more than %d.",
                    name,
                    shape.height(),
                    shape.width(),
                    pixels,
                    Integer.MAX_VALUE / 4));
        if ((double) shape.batch() * shape.frames() * config.temporalScale() > Integer.MAX_VALUE)
            throw new IllegalArgumentException(
                    name + " of " + shape + " would make more than " + Integer.MAX_VALUE + " frames.");
        options.tiling().requireFits(config);
        int scale = config.spatialScale();
        TilePlan tiles = switch (options.tiling()) {
            case Tiling.Off _ -> null;
            case Tiling.Tiles t ->
                new TilePlan(
                        shape.height(),
                        shape.width(),
                        t.height() / scale,
                        t.width() / scale,
                        t.strideHeight() / scale,
                        t.strideWidth() / scale);
        };
        options.frameTiling().requireFits(config);
        Decoding decoding = decoding(shape, tiles, options, limit - fixedBytes(shape));
        // Where all transformed weights are kept, what is left of earlier decodes is among them; else there is that
        // much less for the others.
        if (leftBytes(decoding) > 0)
            decoding = decoding(shape, tiles, options, limit - fixedBytes(shape) - leftBytes(decoding));
        if (kept == null || options.memoryLimitBytes().isPresent()) return decoding;
        Decoding more = decoding.keepingAll();
        return fixedBytes(shape) + more.bytes(options.threads()) <= limit ? more : decoding;
    }

    private Decoding decoding(LatentShape shape, TilePlan tiles, DecodeOptions options, long limit) {
        return switch (decoder) {
            case StreamingDecoder streaming ->
                Decoding.plan(
                        streaming,
                        shape,
                        tiles,
                        options.temporaryDirectory(),
                        options.threads(),
                        limit,
                        options.memoryLimitBytes().isEmpty());
            case ClipDecoder clip -> {
                FrameTiling.Tiles chosen = switch (options.frameTiling()) {
                    case FrameTiling.FamilyDefault _ -> FrameTiling.DIFFUSERS;
                    case FrameTiling.Off _ -> new FrameTiling.Tiles(1 << 30, 1 << 30);
                    case FrameTiling.Tiles t -> t;
                };
                yield Decoding.plan(
                        clip,
                        shape,
                        tiles,
                        chosen.frames(),
                        chosen.strideFrames(),
                        options.temporaryDirectory(),
                        options.threads(),
                        limit);
            }
        };
    }

    private VideoShape video(LatentShape latents) {
        VaeConfig config = decoder.config();
        return new VideoShape(
                latents.batch(),
                1 + config.temporalScale() * (latents.frames() - 1),
                latents.height() * config.spatialScale(),
                latents.width() * config.spatialScale());
    }

    private void requireMemory(DecodePlan plan, long left, DecodeOptions options) throws IOException {
        if (plan.memory() <= plan.limit()) return;
        throw new IOException("Decoding " + plan.video().width() + "x"
                + plan.video().height() + (options.tiling() == Tiling.OFF ? "" : " in these tiles")
                + " takes at least " + size(plan.memory()) + " of memory"
                + (left == 0 ? "" : ", " + size(left) + " of it weights that earlier decodes left transformed")
                + ", but "
                + (plan.limit() == options.memoryLimitBytes().orElse(-1) ? "was given " : "this machine has ")
                + size(plan.limit())
                + (options.tiling() == Tiling.OFF && decoder.config().decodesInPieces()
                        ? "."
                        : "; smaller tiles take less, but they change the result, so none are chosen."));
    }

    private static void requireFinite(Latents latents) throws FormatException {
        OptionalLong found = latents.firstNonfinite();
        if (found.isEmpty()) return;
        long first = found.getAsLong();
        LatentShape s = latents.shape();
        long x = first % s.width(), y = first / s.width() % s.height(), f = first / s.width() / s.height() % s.frames();
        long c = first / s.width() / s.height() / s.frames() % s.channels(),
                b = first / s.width() / s.height() / s.frames() / s.channels();
        throw new FormatException(latents.name() + " holds a value that is not finite, first at [" + b + ", " + c + ", "
                + f + ", " + y + ", " + x + "] of " + s + "; nonfinite latents are decoded only if allowed.");
    }

    /** The caller's sink, called as such; without its close, which is the caller's too. */
    private static FrameSink theirs(FrameSink sink, Callbacks callbacks) {
        return new FrameSink() {
            @Override
            public void begin(VideoShape shape) throws IOException {
                callbacks.<Void, IOException>call(() -> {
                    sink.begin(shape);
                    return null;
                });
            }

            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                callbacks.<Void, IOException>call(() -> {
                    sink.frame(member, index, frame);
                    return null;
                });
            }

            @Override
            public void finish() throws IOException {
                callbacks.<Void, IOException>call(() -> {
                    sink.finish();
                    return null;
                });
            }
        };
    }

    /**
     * Waits for the warm-up. Meanwhile the memory of the first decode is cleared, as far as that gets.
     *
     * @return the memory, or null: there was no time, there are earlier decodes' pieces to begin with, or a bound that
     *         leaves no room for whole pictures
     */
    private KeptMemory warmUp(Decoding decoding, DecodeOptions options, BooleanSupplier cancelled) {
        if (warmUp == null || !warmUp.isRunning()) return null;
        KeptMemory prepared = kept != null || options.memoryLimitBytes().isPresent() ? null : new KeptMemory();
        if (prepared != null)
            prepared.prepare(decoding.needs().regionBytes(), () -> warmUp.isRunning() && !cancelled.getAsBoolean());
        warmUp.await(cancelled);
        return prepared;
    }

    /**
     * Where a decode's memory comes from: an undivided one uses the memory of earlier decodes or what is prepared,
     * unless a bound says how much there is. For all others that memory is given back.
     */
    private Supplier<Arena> arenas(Decoding decoding, KeptMemory prepared, DecodeOptions options) {
        KeptMemory memory = kept != null ? kept : prepared;
        if (memory == null) return Arena::ofShared;
        if (decoding.isUndivided() && options.memoryLimitBytes().isEmpty()) return memory::arena;
        memory.clear();
        return Arena::ofShared;
    }

    private static String size(long bytes) {
        return bytes >= 1e9
                ? String.format(Locale.ROOT, "%.1f GB", Math.ceil(bytes / 1e8) / 10)
                : String.format(Locale.ROOT, "%.0f MB", Math.ceil(bytes / 1e6));
    }

    /**
     * Frees everything once the decodes that run have ended, however long they take; later ones are refused. If the
     * calling thread is interrupted while it waits, the decodes are cancelled; this returns when they have ended, and
     * the thread stays interrupted. Closing again does nothing.
     *
     * @throws IllegalStateException if called by a sink, listener or cancellation check of a decode by this VAE, which
     *         this would wait for; such code ends the decode by an exception instead
     */
    @Override
    public void close() {
        lifetime.end(false, this::free);
    }

    /**
     * As {@link #close}, but cancels the decodes that run: they end with a {@link CancellationException}, as if {@link
     * DecodeOptions#cancelled} had said so.
     */
    public void closeNow() {
        lifetime.end(true, this::free);
    }

    private void free() {
        if (warmUp != null) warmUp.close();
        if (kept != null) kept.close();
        arena.close();
    }
}
