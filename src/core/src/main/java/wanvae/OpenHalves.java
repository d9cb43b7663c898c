package wanvae;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.model.Weights;
import wanvae.runtime.Team;
import wanvae.strategy.EncodePlanner;
import wanvae.strategy.MachineMemory;
import wanvae.strategy.Planner;
import wanvae.strategy.Resident;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * The halves of an open VAE, each within its planner.
 *
 * @param decoder null where the decoder's weights were not read
 * @param encoder null where the encoder's weights were not read
 */
record OpenHalves(Planner decoder, EncodePlanner encoder) {

    /**
     * Checks what the kernels rely on. They access memory by address, and anyone may implement {@link Checkpoint}.
     *
     * @throws FormatException if a half is missing, or a tensor of it is, or has another shape than its layer
     */
    static void requireSound(Checkpoint checkpoint, Set<Half> halves) throws FormatException {
        for (Half half : halves) requireSound(checkpoint, checkpoint.config(), half);
    }

    private static <C extends VaeConfig> void requireSound(Checkpoint checkpoint, C config, Half half)
            throws FormatException {
        VaeFamily<C> family = VaeFamily.of(config);
        family.check(config, checkpoint.path().toString());
        var found = checkpoint.tensors(half);
        if (half == Half.ENCODER) family.checkEncoder(config, checkpoint.path().toString());
        for (var expected : family.tensors(config, half).entrySet()) {
            TensorInfo tensor = found.get(expected.getKey());
            if (tensor == null || !Arrays.equals(tensor.shape(), expected.getValue()))
                throw new FormatException(checkpoint.path() + ": tensor " + expected.getKey() + " "
                        + (tensor == null ? "is missing" : "has shape " + Arrays.toString(tensor.shape()))
                        + ", expected " + Arrays.toString(expected.getValue()));
        }
    }

    /** Refuses weights that the machine has no memory for. */
    static void requireRoom(Checkpoint checkpoint, Set<Half> halves, LongSupplier machine) throws IOException {
        List<TensorInfo> tensors = new ArrayList<>();
        for (Half half : halves) tensors.addAll(checkpoint.tensors(half).values());
        MachineMemory.requireRoom(checkpoint.path(), tensors, machine);
    }

    /** Reads the halves that the options name, from a checkpoint that has been checked. */
    static <C extends VaeConfig> OpenHalves read(
            Checkpoint checkpoint, C config, OpenOptions options, Arena arena, Team team, LongSupplier machine)
            throws IOException {
        VaeFamily<C> family = VaeFamily.of(config);
        Resident resident = new Resident();
        Planner decoder = null;
        EncodePlanner encoder = null;
        for (Half half : options.halves()) {
            Weights weights = Weights.read(checkpoint.half(half), arena, options.allowNonfinite(), team);
            resident.opened(half, weights.bytes());
            switch (half) {
                case DECODER ->
                    decoder = new Planner(family.decoder(weights, config), resident, machine, options.keepMemory());
                case ENCODER ->
                    encoder =
                            new EncodePlanner(family.encoder(weights, config), resident, machine, options.keepMemory());
            }
        }
        return new OpenHalves(decoder, encoder);
    }

    /** @throws IllegalStateException if the decoder's weights were not read */
    Planner decoder(Path weights) {
        if (decoder == null) throw notOpen("decoder", weights);
        return decoder;
    }

    /** @throws IllegalStateException if the encoder's weights were not read */
    EncodePlanner encoder(Path weights) {
        if (encoder == null) throw notOpen("encoder", weights);
        return encoder;
    }

    private static IllegalStateException notOpen(String half, Path weights) {
        return new IllegalStateException(
                "The " + half + " of " + weights + " was not opened: OpenOptions.withHalves opens it.");
    }
}
