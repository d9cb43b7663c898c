package wanvae.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import wanvae.WanVae;
import wanvae.cli.ByteSize;
import wanvae.decode.DecodeListener;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.Tiling;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.server.Metrics.Phase;
import wanvae.server.Models.Model;
import wanvae.video.FragmentedMp4Writer;
import wanvae.video.Mp4Options;
import wanvae.workers.Workers;

/**
 * Plans and runs decodes. They share one pool of workers and one budget of memory. The calling thread only waits. Safe
 * for use by several threads.
 */
final class Decodes {
    /** Size of the latents that warm a model up: small, but more than one frame for models of video. */
    private static final int WARM_FRAMES = 2, WARM_SIZE = 16;

    /**
     * The least number of bytes that a decode holds for each pixel of a frame: those of the frames that wait for the
     * sink.
     */
    private static final long FRAME_BYTES = 48;

    /** The number of plans that are kept. */
    private static final int MOST_PLANS = 256;

    private final Workers workers;
    private final Path temporary;
    private final OptionalLong memory;
    private final Map<Model, Long> weights = new HashMap<>();
    private final long allWeights;
    private final Map<Asked, DecodePlan> plans = new ConcurrentHashMap<>();
    private final Admission admission;
    private final Metrics metrics;
    /** Weighted sums of the seconds and operations of recent decodes. Guarded by this. */
    private double learntSeconds, learntOperations;

    /**
     * @param memory bytes that the process should stay within; empty: what the machine has
     * @param slots  requests of the lane LONG that work at a time
     * @param queue  requests that may wait
     */
    Decodes(Models models, Workers workers, Path temporary, OptionalLong memory, int slots, int queue)
            throws IOException {
        this.workers = workers;
        this.temporary = temporary;
        this.memory = memory;
        long budget = Long.MAX_VALUE;
        for (Model model : models.all())
            weights.put(
                    model,
                    model.vae().plan(smallest(model), DecodeOptions.DEFAULT).weights());
        allWeights = weights.values().stream().mapToLong(Long::longValue).sum();
        for (Model model : models.all()) {
            DecodePlan plan = plan(model, smallest(model), Tiling.OFF);
            long others = allWeights - weights.get(model);
            if (plan.memory() > plan.limit())
                throw new IOException("the server takes at least " + ByteSize.text(plan.memory() + others)
                        + " of memory, but was given " + ByteSize.text(plan.limit() + others));
            budget = Math.min(budget, plan.limit() - (plan.memory() - plan.own()));
        }
        admission = new Admission(slots, queue, budget);
        metrics = new Metrics(admission);
    }

    /** The threads that all requests share. */
    Workers workers() {
        return workers;
    }

    /** The folder of temporary files. */
    Path temporary() {
        return temporary;
    }

    private static LatentShape smallest(Model model) {
        return new LatentShape(1, model.config().latentChannels(), 1, 1, 1);
    }

    Admission admission() {
        return admission;
    }

    Metrics metrics() {
        return metrics;
    }

    /** Decodes a short video with each model, so that the first request finds everything compiled. */
    void warmUp(Models models, BooleanSupplier cancelled) throws IOException {
        for (Model model : models.all()) {
            LatentShape shape = new LatentShape(1, model.config().latentChannels(), WARM_FRAMES, WARM_SIZE, WARM_SIZE);
            DecodePlan plan = plan(model, shape, Tiling.OFF);
            if (plan.memory() > plan.limit()) continue;
            try (Admission.Ticket ticket = admission.join(Admission.Lane.LONG)) {
                ticket.start(cancelled);
                Latents zeros = Latents.of(shape, new float[(int) shape.elements()]);
                try (FrameSink video = FragmentedMp4Writer.to(OutputStream.nullOutputStream(), Mp4Options.DEFAULT)) {
                    run(model, zeros, Tiling.OFF, 0, video, ticket, (d, t, w) -> {}, cancelled);
                }
            }
        }
    }

    /** The bytes that the process may take if this model works alone, without those of the other models' weights. */
    OptionalLong limit(Model model) {
        return memory.isEmpty()
                ? memory
                : OptionalLong.of(Math.max(0, memory.getAsLong() - allWeights + weights.get(model)));
    }

    /** What a decode would cost if it ran alone. An earlier plan for the same request is good enough. */
    DecodePlan plan(Model model, LatentShape shape, Tiling tiling) throws IOException {
        Asked asked = new Asked(model, shape, tiling);
        DecodePlan plan = plans.get(asked);
        if (plan != null) return plan;
        plan = Computing.call(() -> model.vae().plan(shape, options(model, tiling)));
        if (plans.size() >= MOST_PLANS) plans.clear();
        plans.put(asked, plan);
        return plan;
    }

    private record Asked(Model model, LatentShape shape, Tiling tiling) {}

    private DecodeOptions options(Model model, Tiling tiling) {
        OptionalLong limit = limit(model);
        DecodeOptions options = DecodeOptions.DEFAULT
                .withWorkers(workers)
                .withTemporaryDirectory(temporary)
                .withTiling(tiling);
        return limit.isPresent() ? options.withMemoryLimitBytes(limit.getAsLong()) : options;
    }

    /**
     * What a decode will cost; refuses a decode that is impossible.
     *
     * @param extra bytes that the reply holds in the meantime
     * @throws Problem if the decode could not run even alone
     */
    DecodePlan require(Model model, LatentShape shape, Tiling tiling, long extra) throws IOException {
        WanVae.requireFits(model.config(), shape, Body.NAME);
        // A request that is far too large is refused without a plan, which would take seconds to make.
        int scale = model.config().spatialScale();
        long height = (long) shape.height() * scale, width = (long) shape.width() * scale;
        if (FRAME_BYTES * height * width > admission.budget())
            throw tooLarge(width, height, FRAME_BYTES * height * width, tiling);
        return requirePossible(plan(model, shape, tiling), tiling, extra);
    }

    private DecodePlan requirePossible(DecodePlan plan, Tiling tiling, long extra) {
        if (plan.memory() > plan.limit() || plan.own() + extra > admission.budget())
            throw tooLarge(plan.video().width(), plan.video().height(), plan.own() + extra, tiling);
        return plan;
    }

    private Problem tooLarge(long width, long height, long least, Tiling tiling) {
        return new Problem(
                Problem.TOO_LARGE,
                "Decoding " + width + "x" + height + " takes at least " + ByteSize.text(least)
                        + " of memory beside the models, but this server has " + ByteSize.text(admission.budget())
                        + (tiling == Tiling.OFF ? "; tiles take less." : "."));
    }

    /** The seconds that a decode takes if it runs alone; 0 until a first decode has been measured. */
    synchronized double seconds(DecodePlan plan) {
        return learntOperations == 0 ? 0 : plan.operations() * learntSeconds / learntOperations;
    }

    /**
     * Decodes as soon as memory is free.
     *
     * @param extra  bytes that the sink holds in the meantime
     * @param ticket one that has started; it holds the memory until it is closed
     * @throws Problem if the decode is impossible
     */
    void run(
            Model model,
            Latents latents,
            Tiling tiling,
            long extra,
            FrameSink sink,
            Admission.Ticket ticket,
            DecodeListener listener,
            BooleanSupplier cancelled)
            throws IOException {
        DecodePlan plan = requirePossible(model.vae().plan(latents.shape(), options(model, tiling)), tiling, extra);
        ticket.reserve(plan.own() + extra, cancelled);
        metrics.phase(Phase.QUEUE, ticket.waitedSeconds());
        long start = System.nanoTime();
        try {
            DecodeOptions options =
                    options(model, tiling).withListener(listener).withCancelled(cancelled);
            Computing.call(() -> {
                model.vae().decode(latents, counted(sink), options);
                return null;
            });
            learn((System.nanoTime() - start) / 1e9, plan.operations());
        } finally {
            metrics.phase(Phase.DECODE, (System.nanoTime() - start) / 1e9);
        }
    }

    /**
     * Adds a decode to the statistics, in which large decodes count for more than small ones and recent ones for more
     * than old ones.
     */
    private synchronized void learn(double seconds, double operations) {
        learntSeconds = learntSeconds / 2 + seconds;
        learntOperations = learntOperations / 2 + operations;
    }

    private FrameSink counted(FrameSink sink) {
        return new FrameSink() {
            @Override
            public void begin(VideoShape shape) throws IOException {
                sink.begin(shape);
            }

            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                sink.frame(member, index, frame);
                metrics.frame();
            }

            @Override
            public void finish() throws IOException {
                sink.finish();
            }
        };
    }
}
