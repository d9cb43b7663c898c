package wanvae.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import wanvae.config.Half;
import wanvae.family.VaeFamily;

/**
 * The names of a checkpoint's tensors. Some files carry a prefix before every name; below it each family has its own
 * schemes, which {@link VaeFamily#renaming} brings under diffusers' names.
 *
 * @param prefix   before every name, or empty
 * @param family of the model, where the names tell
 */
record TensorNames(String prefix, Optional<VaeFamily<?>> family) {
    private static final List<String> PREFIXES =
            List.of("", "vae.", "first_stage_model.", "model.", "state_dict.", "module.");

    /** Finds prefix and family. */
    static TensorNames find(Set<String> stored) {
        for (String prefix : PREFIXES)
            for (VaeFamily<?> family : VaeFamily.all())
                if (has(family, stored, prefix)) return new TensorNames(prefix, Optional.of(family));
        return new TensorNames("", Optional.empty());
    }

    /** Finds the prefix of a family that is known. */
    static TensorNames find(Set<String> stored, VaeFamily<?> family) {
        String found = PREFIXES.stream()
                .filter(prefix -> has(family, stored, prefix))
                .findFirst()
                .orElse("");
        return new TensorNames(found, Optional.of(family));
    }

    private static boolean has(VaeFamily<?> family, Set<String> stored, String prefix) {
        return family.marks().stream().anyMatch(mark -> stored.contains(prefix + mark));
    }

    /** The tensors of a half: diffusers name to stored name, in the order given. Others are left out. */
    Map<String, String> of(Half half, Set<String> stored) {
        var plain = new LinkedHashMap<String, String>();
        for (String name : stored) if (name.startsWith(prefix)) plain.put(name.substring(prefix.length()), name);
        UnaryOperator<String> renaming =
                family.isPresent() ? family.get().renaming(plain.keySet()) : UnaryOperator.identity();
        var names = new LinkedHashMap<String, String>();
        plain.forEach((name, storedName) -> {
            String renamed = renaming.apply(name);
            if (half.owns(renamed)) names.put(renamed, storedName);
        });
        return names;
    }
}
