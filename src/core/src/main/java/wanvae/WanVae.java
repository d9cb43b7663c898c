package wanvae;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeListener;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.encode.Posterior;
import wanvae.family.VaeFamily;
import wanvae.frame.Frame;
import wanvae.frame.FrameQueue;
import wanvae.frame.FrameSink;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentCollector;
import wanvae.latent.LatentShape;
import wanvae.latent.LatentSink;
import wanvae.latent.Latents;
import wanvae.runtime.Callbacks;
import wanvae.runtime.KeptMemory;
import wanvae.runtime.Lifetime;
import wanvae.runtime.Team;
import wanvae.runtime.VectorApi;
import wanvae.runtime.WorkerPool;
import wanvae.strategy.DecodeRun;
import wanvae.strategy.Decoding;
import wanvae.strategy.EncodePlanner;
import wanvae.strategy.MachineMemory;
import wanvae.strategy.PlannedDecode;
import wanvae.strategy.PlannedEncode;
import wanvae.strategy.Planner;
import wanvae.tensorfile.FormatException;

/**
 * An open VAE: the weights of its decoder, its encoder or both packed in off-heap memory. Immutable and safe for many
 * decodes and encodes at once; each of them owns its scratch and feature caches and frees them when it ends, however it
 * ends (or leaves their memory to the next: {@link OpenOptions#keepMemory}).
 *
 * <p>Closing frees the weights. It may be called at any time, from any thread: {@link #close} waits for the decodes
 * that run, {@link #closeNow} cancels them and waits until they have ended. Decodes and plans that begin later get an
 * {@link IllegalStateException}. Nothing that runs ever uses freed memory.
 */
public final class WanVae implements AutoCloseable {
    private final Path weights;
    private final Arena arena;
    private final VaeConfig config;
    private final OpenHalves halves;
    private final RunMemory memory;
    /** Held by every run and plan. */
    private final Lifetime lifetime = new Lifetime("this VAE");

    private WanVae(Path weights, Arena arena, VaeConfig config, OpenHalves halves, RunMemory memory) {
        this.weights = weights;
        this.arena = arena;
        this.config = config;
        this.halves = halves;
        this.memory = memory;
    }

    /**
     * Opens a VAE: a diffusers {@code vae/} folder, a pipeline folder that contains one, a .safetensors, a .pth or a
     * .wanvae file.
     *
     * @throws FormatException if the file is not a VAE of a known family, in one sentence
     * @throws IOException if it cannot be read, or memory does not suffice
     * @throws IllegalStateException if Java was started without the Vector API, saying which flag is missing
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
        try (Checkpoint checkpoint = options.family().isPresent()
                ? Checkpoint.open(weights, options.family().get())
                : Checkpoint.open(weights)) {
            return open(checkpoint, options);
        }
    }

    /** Opens the VAE of a checkpoint, which stays the caller's and may be closed afterwards. */
    public static WanVae open(Checkpoint checkpoint, OpenOptions options) throws IOException {
        return open(checkpoint, options, MachineMemory.total());
    }

    private static <C extends VaeConfig> WarmUp warmUp(C config) {
        return WarmUp.begin(VaeFamily.of(config).usesTinyKernels());
    }

    /** @param machine reports the memory of the machine or of the container around this process, bytes */
    static WanVae open(Checkpoint checkpoint, OpenOptions options, LongSupplier machine) throws IOException {
        VectorApi.require();
        if (options.family().isPresent()) checkpoint.requireOf(options.family().get());
        OpenHalves.requireSound(checkpoint, options.halves());
        OpenHalves.requireRoom(checkpoint, options.halves(), machine);
        Arena arena = Arena.ofShared();
        WarmUp warmUp = options.warmUp() ? warmUp(checkpoint.config()) : null;
        WorkerPool shared = options.workers().map(WorkerPool::of).orElse(null);
        try (Lifetime.Hold _ = shared == null ? null : shared.lifetime().hold();
                Team team = team(shared, options.threads(), () -> false)) {
            return new WanVae(
                    checkpoint.path(),
                    arena,
                    checkpoint.config(),
                    OpenHalves.read(checkpoint, checkpoint.config(), options, arena, team, machine),
                    new RunMemory(options.keepMemory(), warmUp));
        } catch (Throwable e) {
            if (warmUp != null) warmUp.close();
            arena.close();
            if (e instanceof InternalError fault) throw cut(checkpoint.path(), fault);
            if (e instanceof OutOfMemoryError)
                throw new IOException("Not enough memory for the weights of " + checkpoint.path() + ".", e);
            throw e;
        }
    }

    /** On a pool's workers, or (null) on threads of its own. */
    private static Team team(WorkerPool shared, int threads, BooleanSupplier cancelled) {
        return shared == null ? new Team(threads, cancelled) : new Team(shared, cancelled);
    }

    /** The configuration; available after closing too. */
    public VaeConfig config() {
        return config;
    }

    /**
     * What decoding latents of this shape will cost.
     *
     * @throws IllegalArgumentException if this VAE cannot decode them with these options, in one sentence
     * @throws IllegalStateException if this VAE is closed, or was opened without its decoder
     */
    public DecodePlan plan(LatentShape latents, DecodeOptions options) {
        return plan(latents, "latents " + latents, options);
    }

    /** As {@link #plan(LatentShape, DecodeOptions)}; messages name the source of the latents. */
    public DecodePlan plan(Latents latents, DecodeOptions options) {
        return plan(latents.shape(), latents.name(), options);
    }

    private DecodePlan plan(LatentShape latents, String name, DecodeOptions options) {
        try (Lifetime.Hold _ = lifetime.hold()) {
            return halves.decoder(weights).plan(latents, name, options).plan();
        }
    }

    /**
     * What decoding latents of this shape will cost a VAE of this configuration that is not open yet: no weights are
     * read. It is the plan of the open VAE before its first decode.
     *
     * @throws IllegalArgumentException if such a VAE cannot decode them with these options, in one sentence
     */
    public static DecodePlan plan(VaeConfig config, LatentShape latents, DecodeOptions options) {
        VectorApi.require();
        return Planner.of(config).plan(latents, "latents " + latents, options).plan();
    }

    /** Decodes with {@link DecodeOptions#DEFAULT}. */
    public void decode(Latents latents, FrameSink sink) throws IOException {
        decode(latents, sink, DecodeOptions.DEFAULT);
    }

    /**
     * Decodes latents into a sink: begin, every frame of every member in order, finish. Does not close the sink. The
     * sink's {@code begin} is called by this thread, everything else by a separate thread that runs a few frames behind
     * the decoder. What the sink, the listener or the cancellation check throw ends the decode and is thrown unchanged,
     * errors too.
     *
     * @throws IllegalArgumentException if the latents or the tiling do not fit this VAE, in one sentence
     * @throws IllegalStateException if this VAE is closed or was opened without its decoder ({@link
     *         OpenOptions#halves}), or the pool of workers that the options name is closed
     * @throws FormatException if latents or results are not finite (unless allowed), naming the first position
     * @throws CancellationException if cancelled or interrupted, or if {@link #closeNow} ends it. It is an {@link
     *         IllegalStateException} too, so catch it first
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
        Planner planner = halves.decoder(weights);
        PlannedDecode planned = planner.plan(latents.shape(), latents.name(), options);
        planned.requireMemory();
        if (!options.allowNonfinite()) requireFinite(latents);
        planner.begin(planned);
        Decoding decoding = planned.decoding();
        VideoShape video = planned.plan().video();
        int total = video.members() * video.frames();
        int[] delivered = {0};
        boolean bounded = options.memoryLimitBytes().isPresent();
        try (KeptMemory prepared = memory.warmUp(decoding, bounded, cancelled);
                Team team = team(shared, options.threads(), cancelled);
                FrameQueue queue = new FrameQueue(theirs(sink, callbacks), Planner.QUEUED_FRAMES, cancelled)) {
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
                            memory.arenas(decoding, prepared, bounded),
                            options.clamp(),
                            options.allowNonfinite(),
                            work -> tell(options.listener(), callbacks, delivered[0], total, work)));
            queue.finish();
            tell(options.listener(), callbacks, total, total, 1);
        } catch (OutOfMemoryError e) {
            if (callbacks.threw(e)) throw e;
            throw planned.outOfMemory(latents.name(), e);
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

    /**
     * What encoding a video of this shape will cost.
     *
     * @throws IllegalArgumentException if this VAE cannot encode it with these options, in one sentence
     * @throws IllegalStateException if this VAE is closed, or was opened without its encoder
     */
    public EncodePlan planEncode(VideoShape video, EncodeOptions options) {
        try (Lifetime.Hold _ = lifetime.hold()) {
            return halves.encoder(weights).plan(video, options).plan();
        }
    }

    /**
     * What encoding a video of this shape will cost a VAE of this configuration that is not open yet: no weights are
     * read. It is the plan of the VAE opened with its encoder alone, before its first encode.
     *
     * @throws IllegalArgumentException if such a VAE cannot encode it with these options, in one sentence
     */
    public static EncodePlan planEncode(VaeConfig config, VideoShape video, EncodeOptions options) {
        VectorApi.require();
        return EncodePlanner.of(config).plan(video, options).plan();
    }

    /**
     * Encodes a video, as {@link #encode(FrameSource, LatentSink, EncodeOptions)} does, and gathers its latents, which
     * record whether they are normalised.
     */
    public Latents encode(FrameSource video, EncodeOptions options) throws IOException {
        LatentCollector collector = new LatentCollector();
        encode(video, collector, options);
        boolean normalized = options.normalized() && !(options.posterior() instanceof Posterior.Moments);
        return normalized ? collector.latents() : collector.latents().raw();
    }

    /**
     * Encodes a video into a sink, as diffusers' {@code vae.encode} does: begin, every latent frame of every member in
     * order, finish. Frames are taken as they come and latents handed over as they are done. {@link EncodePlan#encoded}
     * says which frames and pixels are left out. Closes neither the source nor the sink, and calls both on this thread.
     * What they, the listener or the cancellation check throw ends the encode and is thrown unchanged, errors too.
     *
     * @throws IllegalArgumentException if the video or the tiling do not fit this VAE, in one sentence
     * @throws IllegalStateException if this VAE is closed or was opened without its encoder ({@link
     *         OpenOptions#halves}), or the pool of workers that the options name is closed
     * @throws FormatException if the video has no frames, fewer than announced, frames of different sizes, or pixels
     *         that are not finite (unless allowed)
     * @throws CancellationException if cancelled or interrupted, or if {@link #closeNow} ends it. It is an {@link
     *         IllegalStateException} too, so catch it first
     * @throws IOException what the source or the sink threw, or if memory or temporary disk space do not suffice
     */
    public void encode(FrameSource video, LatentSink sink, EncodeOptions options) throws IOException {
        WorkerPool shared = options.workers().map(WorkerPool::of).orElse(null);
        try (Lifetime.Hold _ = lifetime.hold();
                Lifetime.Hold _ = shared == null ? null : shared.lifetime().hold()) {
            List<Lifetime> held = shared == null ? List.of(lifetime) : List.of(lifetime, shared.lifetime());
            Callbacks callbacks = new Callbacks(held);
            BooleanSupplier cancelled = () ->
                    held.stream().anyMatch(Lifetime::isCancelled) || callbacks.call(options.cancelled()::getAsBoolean);
            EncodePlanner planner = halves.encoder(weights);
            PlannedEncode planned = planner.plan(video.shape(), options);
            planned.requireMemory();
            planner.begin(planned);
            boolean bounded = options.memoryLimitBytes().isPresent();
            try (KeptMemory prepared = memory.warmUp(planned.encoding(), bounded, cancelled);
                    Team team = team(shared, options.threads(), cancelled)) {
                planned.run(video, sink, callbacks, team, memory.arenas(planned.encoding(), prepared, bounded));
            } catch (OutOfMemoryError e) {
                if (callbacks.threw(e)) throw e;
                throw planned.outOfMemory(e);
            } catch (InternalError e) {
                if (callbacks.threw(e)) throw e;
                throw cut(weights, e);
            }
        }
    }

    /** The failure for a mapped file that was truncated, which the JVM reports as an {@link InternalError}. */
    private static IOException cut(Path weights, InternalError e) {
        return new IOException(weights + ": was cut or became unreadable while it was in use", e);
    }

    /**
     * Checks that a VAE of this configuration decodes latents of this shape.
     *
     * @param name what the message calls the latents
     * @throws IllegalArgumentException if it does not, saying which VAE has that many channels
     */
    public static void requireFits(VaeConfig config, LatentShape latents, String name) {
        Planner.requireFits(config, latents, name);
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

    /** The caller's sink, called through the callbacks. Closing is left to the caller. */
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
        memory.close();
        arena.close();
    }
}
