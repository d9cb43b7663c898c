package wanvae.server;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import wanvae.cli.ByteSize;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.frame.FrameSource;
import wanvae.latent.Latents;
import wanvae.server.Metrics.Phase;
import wanvae.server.Models.Model;

/** Plans and runs encodes, which share workers and memory with the decodes. Safe for use by several threads. */
final class Encodes {
    private final Models models;
    private final Decodes decodes;

    Encodes(Models models, Decodes decodes) {
        this.models = models;
        this.decodes = decodes;
    }

    Admission admission() {
        return decodes.admission();
    }

    /**
     * The model of this name; without a name, the only model that encodes.
     *
     * @throws Problem if there is none, or more than one
     */
    Model choose(Optional<String> name) {
        if (name.isPresent()) {
            Model model = models.choose(name, 0);
            if (!model.encodes()) throw Problem.bad("The model " + model.name() + " has no encoder.");
            return model;
        }
        List<Model> able = models.all().stream().filter(Model::encodes).toList();
        if (able.isEmpty()) throw Problem.bad("No model of this server has an encoder.");
        if (able.size() > 1)
            throw Problem.bad("Several models encode: choose one by the parameter model, which takes "
                    + Models.names(able) + ".");
        return able.getFirst();
    }

    /**
     * Encodes as soon as memory is free.
     *
     * @param ticket     one that has started; it holds the memory until it is closed
     * @param normalized whether to normalise the latents
     * @throws Problem if the encode is impossible
     */
    Latents run(
            Model model,
            FrameSource video,
            Tiling tiling,
            boolean normalized,
            Admission.Ticket ticket,
            BooleanSupplier cancelled)
            throws IOException {
        OptionalLong limit = decodes.limit(model);
        EncodeOptions options = EncodeOptions.DEFAULT
                .withWorkers(decodes.workers())
                .withTemporaryDirectory(decodes.temporary())
                .withTiling(tiling)
                .withNormalized(normalized)
                .withCancelled(cancelled);
        if (limit.isPresent()) options = options.withMemoryLimitBytes(limit.getAsLong());
        EncodeOptions all = options;
        EncodePlan plan = Computing.call(() -> model.vae().planEncode(video.shape(), all));
        if (plan.memory() > plan.limit() || plan.own() > admission().budget())
            throw new Problem(
                    Problem.TOO_LARGE,
                    "Encoding " + plan.encoded().width() + "x" + plan.encoded().height() + " takes at least "
                            + ByteSize.text(plan.own()) + " of memory beside the models, but this server has "
                            + ByteSize.text(admission().budget()) + ".");
        ticket.reserve(plan.own(), cancelled);
        decodes.metrics().phase(Phase.QUEUE, ticket.waitedSeconds());
        long start = System.nanoTime();
        try {
            return Computing.call(() -> model.vae().encode(video, all));
        } finally {
            decodes.metrics().phase(Phase.ENCODE, (System.nanoTime() - start) / 1e9);
        }
    }
}
