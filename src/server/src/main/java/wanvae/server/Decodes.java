package wanvae.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
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
import wanvae.workers.Workers;

/**
 * Plans and runs decodes: all on one pool of workers, all together in one amount of memory. The calling thread only
 * waits. Safe from several threads.
 */
final class Decodes {
    /** Latents of the decode that warms a model up: small, and of more than one frame where there is time. */
    private static final int WARM_FRAMES = 2, WARM_SIZE = 16;

    private final Workers workers;
    private final Path temporary;
    private final OptionalLong memory;
    private final long weights;
    private final Admission admission;
    private final Metrics metrics;
    /** Seconds that an operation takes: of the last decodes that took long enough to tell. */
    private volatile double secondsPerOperation;

    /**
     * @param memory bytes the process should stay within; empty: what the machine has
     * @param slots  decodes that run at a time
     * @param queue  requests that may wait
     */
    Decodes(Models models, Workers workers, Path temporary, OptionalLong memory, int slots, int queue)
            throws IOException {
        this.workers = workers;
        this.temporary = temporary;
        this.memory = memory;
        long weights = 0, budget = Long.MAX_VALUE;
        for (Model model : models.all())
            weights += plan(model, smallest(model), Tiling.OFF, memory).weights();
        this.weights = weights;
        for (Model model : models.all()) {
            DecodePlan plan = plan(model, smallest(model), Tiling.OFF);
            if (plan.memory() > plan.limit())
                throw new IOException("the server takes at least "
                        + ByteSize.text(plan.memory() + weights - plan.weights()) + " of memory, but was given "
                        + ByteSize.text(plan.limit() + weights - plan.weights()));
            budget = plan.limit() - (plan.memory() - plan.own());
        }
        admission = new Admission(slots, queue, budget);
        metrics = new Metrics(admission);
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

    /** Decodes a little with each model, so that the first request finds everything compiled. */
    void warmUp(Models models, BooleanSupplier cancelled) throws IOException {
        for (Model model : models.all()) {
            LatentShape shape = new LatentShape(1, model.config().latentChannels(), WARM_FRAMES, WARM_SIZE, WARM_SIZE);
            DecodePlan plan = plan(model, shape, Tiling.OFF);
            if (plan.memory() > plan.limit()) continue;
            try (Admission.Ticket ticket = admission.join(Admission.Lane.LONG)) {
                ticket.start(cancelled);
                Latents zeros = Latents.of(shape, new float[(int) shape.elements()]);
                run(model, zeros, Tiling.OFF, 0, (member, index, frame) -> {}, ticket, (d, t, w) -> {}, cancelled);
            }
        }
    }

    /** What a decode would cost, other decodes aside. */
    DecodePlan plan(Model model, LatentShape shape, Tiling tiling) {
        OptionalLong others = memory.isEmpty()
                ? memory
                : OptionalLong.of(Math.max(
                        0,
                        memory.getAsLong()
                                - weights
                                + plan(model, smallest(model), tiling, memory).weights()));
        return plan(model, shape, tiling, others);
    }

    private DecodePlan plan(Model model, LatentShape shape, Tiling tiling, OptionalLong limit) {
        return model.vae().plan(shape, options(tiling, limit));
    }

    private DecodeOptions options(Tiling tiling, OptionalLong limit) {
        DecodeOptions options = DecodeOptions.DEFAULT
                .withWorkers(workers)
                .withTemporaryDirectory(temporary)
                .withTiling(tiling);
        return limit.isPresent() ? options.withMemoryLimitBytes(limit.getAsLong()) : options;
    }

    /**
     * What a decode will cost, if it is possible.
     *
     * @param extra bytes that the reply holds meanwhile
     * @throws Problem if it could not be done even if there were no other
     */
    DecodePlan require(Model model, LatentShape shape, Tiling tiling, long extra) {
        DecodePlan plan = plan(model, shape, tiling);
        if (plan.memory() > plan.limit() || plan.own() + extra > admission.budget())
            throw new Problem(
                    Problem.TOO_LARGE,
                    "Decoding " + plan.video().width() + "x" + plan.video().height() + " takes at least "
                            + ByteSize.text(plan.own() + extra) + " of memory beside the models, but this server has "
                            + ByteSize.text(admission.budget()) + (tiling == Tiling.OFF ? "; tiles take less." : "."));
        return plan;
    }

    /** Seconds that a decode takes, other decodes aside; 0 where that is not known yet. */
    double seconds(DecodePlan plan) {
        return plan.operations() * secondsPerOperation;
    }

    /**
     * Decodes, as soon as there is memory for it.
     *
     * @param extra  bytes that the sink holds meanwhile
     * @param ticket that has started; keeps the memory until it is closed
     * @throws Problem if it is impossible
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
        DecodePlan plan = require(model, latents.shape(), tiling, extra);
        ticket.reserve(plan.own() + extra, cancelled);
        metrics.phase(Phase.QUEUE, ticket.waitedSeconds());
        long start = System.nanoTime();
        try {
            OptionalLong limit = memory.isEmpty() ? memory : OptionalLong.of(plan.limit());
            DecodeOptions options =
                    options(tiling, limit).withListener(listener).withCancelled(cancelled);
            model.vae().decode(latents, counted(sink), options);
            learn((System.nanoTime() - start) / 1e9, plan);
        } finally {
            metrics.phase(Phase.DECODE, (System.nanoTime() - start) / 1e9);
        }
    }

    private void learn(double seconds, DecodePlan plan) {
        double taken = seconds / plan.operations(), known = secondsPerOperation;
        secondsPerOperation = known == 0 || seconds < TELLING_SECONDS ? Math.max(known, taken) : (known + taken) / 2;
        if (known == 0 || seconds >= TELLING_SECONDS) return;
        secondsPerOperation = known;
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
