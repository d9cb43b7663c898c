package wanvae.latent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/**
 * Which tensor of a file holds the latents.
 *
 * @param note why this one, or null where there was nothing to choose
 */
record TensorChoice(TensorInfo info, String note) {
    private static final String LATENTS = "latents";
    /** ComfyUI's names: in its .latent files, and of its latents in Python. */
    private static final List<String> COMFY = List.of("latent_tensor", "samples");
    /** The names that tensors of latents have, the likeliest first. */
    private static final List<String> NAMES = List.of(LATENTS, COMFY.get(0), COMFY.get(1), "latent", "z");

    /** Whether the tensor has a name that ComfyUI gives to raw latents and to normalised ones. */
    boolean isComfy() {
        return COMFY.contains(lastPart(info.name()));
    }

    /**
     * The tensor {@code latents}, else one of the usual name, in a container or not, else the only tensor, else the
     * only one that fits.
     *
     * @param key  its name, if it is known
     * @param fits whether a tensor can be latents of the VAE
     */
    static TensorChoice of(TensorFile file, Optional<String> key, Predicate<TensorInfo> fits) throws FormatException {
        if (key.isPresent()) return new TensorChoice(file.require(key.get()), null);
        if (file.tensors().containsKey(LATENTS) || file.unreadable().containsKey(LATENTS))
            return new TensorChoice(file.require(LATENTS), null);
        if (file.tensors().size() == 1)
            return new TensorChoice(file.tensors().values().iterator().next(), null);
        for (String name : NAMES) {
            List<TensorInfo> named = file.tensors().values().stream()
                    .filter(info -> lastPart(info.name()).equals(name) && info.elements() > 0)
                    .toList();
            if (named.size() == 1) return new TensorChoice(named.getFirst(), null);
        }
        if (file.tensors().isEmpty()) {
            var others = new ArrayList<>(file.unreadable().keySet());
            others.addAll(file.integers().keySet());
            if (others.size() == 1) return new TensorChoice(file.require(others.getFirst()), null);
            throw new FormatException(file.name() + ": holds no floating-point tensor");
        }
        List<TensorInfo> fitting = file.tensors().values().stream().filter(fits).toList();
        if (fitting.size() == 1) {
            return new TensorChoice(
                    fitting.getFirst(),
                    "read the tensor "
                            + FormatException.quote(fitting.getFirst().name())
                            + ", the only one whose shape is that of latents");
        }
        throw new FormatException(
                file.name() + ": holds no tensor \"" + LATENTS + "\" but several others, choose one by its key: "
                        + FormatException.quote(file.tensors().keySet()));
    }

    private static String lastPart(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
