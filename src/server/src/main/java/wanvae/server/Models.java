package wanvae.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.latent.LatentSpace;
import wanvae.tensorfile.FormatException;

/** The VAEs of a server. Immutable, and safe for use by several threads. */
final class Models implements AutoCloseable {
    private final List<Model> all;

    /**
     * A VAE.
     *
     * @param name    what requests call it
     * @param encodes whether it is open with its encoder
     */
    record Model(String name, WanVae vae, boolean encodes) {
        VaeConfig config() {
            return vae.config();
        }
    }

    private Models(List<Model> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Opens all of the weights, or none.
     *
     * @param family      the model of weights whose tensors leave it open
     * @param decoderOnly whether encoders stay closed, which takes less memory
     * @throws IOException in one sentence, if one cannot be opened
     */
    static Models open(List<Path> weights, Optional<PublishedVae> family, boolean decoderOnly, OpenOptions options)
            throws IOException {
        var models = new ArrayList<Model>();
        try {
            for (Path path : weights) {
                try (Checkpoint checkpoint = checkpoint(path, family, weights.size() > 1)) {
                    Set<Half> halves = decoderOnly ? EnumSet.of(Half.DECODER) : halves(checkpoint);
                    WanVae vae = WanVae.open(checkpoint, options.withHalves(halves.toArray(Half[]::new)));
                    models.add(new Model(name(path, models), vae, halves.contains(Half.ENCODER)));
                }
            }
            return new Models(models);
        } catch (IOException | RuntimeException e) {
            models.forEach(model -> model.vae().close());
            throw e;
        }
    }

    /**
     * Opens a checkpoint. If it is one of several and its tensors say what it is, {@code family} is meant for the
     * others.
     */
    private static Checkpoint checkpoint(Path path, Optional<PublishedVae> family, boolean isOneOfSeveral)
            throws IOException {
        if (family.isEmpty()) return Checkpoint.open(path);
        if (isOneOfSeveral)
            try (Checkpoint alone = Checkpoint.open(path)) {
                if (alone.assumption().isEmpty()) return Checkpoint.open(path);
            }
        return Checkpoint.open(path, family.get());
    }

    /** The halves that are complete. */
    private static Set<Half> halves(Checkpoint checkpoint) {
        try {
            checkpoint.tensors(Half.ENCODER);
            return EnumSet.allOf(Half.class);
        } catch (FormatException e) {
            return EnumSet.of(Half.DECODER);
        }
    }

    /**
     * A name for a model: that of the file without its ending, or, for a folder "vae", that of the folder around it.
     */
    private static String name(Path path, List<Model> taken) {
        Path whole = path.toAbsolutePath().normalize();
        String name = String.valueOf(whole.getFileName());
        if (name.equals("vae") && whole.getParent().getFileName() != null)
            name = whole.getParent().getFileName().toString();
        if (!Files.isDirectory(path)) name = name.replaceFirst("\\.[a-z]+$", "");
        String free = name;
        for (int i = 2; has(free, taken); i++) free = name + "-" + i;
        return free;
    }

    private static boolean has(String name, List<Model> models) {
        return models.stream().anyMatch(model -> model.name().equals(name));
    }

    List<Model> all() {
        return all;
    }

    /** Describes the latents of this model; without a name, those of all models. */
    List<LatentSpace> spaces(Optional<String> name) {
        return all.stream()
                .filter(model -> name.isEmpty() || name.get().equals(model.name()))
                .map(model -> model.config().latentSpace())
                .toList();
    }

    /**
     * The model of this name; without a name, the only model whose latents have this number of channels.
     *
     * @throws Problem if there is none, or more than one
     */
    Model choose(Optional<String> name, long channels) {
        if (name.isPresent())
            return all.stream()
                    .filter(model -> model.name().equals(name.get()))
                    .findFirst()
                    .orElseThrow(() -> Problem.bad("This server has no such model; it has " + names(all) + "."));
        List<Model> fitting = all.stream()
                .filter(model -> model.config().latentChannels() == channels)
                .toList();
        if (fitting.isEmpty())
            throw Problem.bad("The latents have " + channels + " channels, but this server has "
                    + all.stream()
                            .map(model ->
                                    model.name() + " for " + model.config().latentChannels())
                            .collect(Collectors.joining(", "))
                    + "; " + PublishedVae.forChannels((int) Math.min(channels, Integer.MAX_VALUE)) + ".");
        if (fitting.size() > 1)
            throw Problem.bad("Several models decode latents of " + channels
                    + " channels: choose one by the parameter model, which takes " + names(fitting) + ".");
        return fitting.getFirst();
    }

    /** The names of models, for a message. */
    static String names(List<Model> models) {
        return models.stream().map(Model::name).collect(Collectors.joining(", "));
    }

    /** Cancels what runs, and frees everything. */
    @Override
    public void close() {
        all.forEach(model -> model.vae().closeNow());
    }
}
