package wanvae.checkpoint;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import wanvae.config.Half;
import wanvae.family.VaeFamily;

/**
 * The names of a checkpoint's tensors. A VAE may be a part of a whole: then all of its names have a prefix, like {@code
 * first_stage_model.} or {@code state_dict.vae.}. What torch.compile and parallel training add to names is removed.
 * Below the prefix each family has its own schemes, which {@link VaeFamily#renaming} brings under diffusers' names.
 *
 * @param plain  stored name by name without prefix
 * @param family family of the model, where the names identify it
 */
record TensorNames(Map<String, String> plain, Optional<VaeFamily<?>> family) {
    /** Wrappers around a module that become a part of its parameters' names. */
    private static final Pattern WRAPPERS =
            Pattern.compile("(^|\\.)(?:_orig_mod|module|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\\.)");

    private static final Pattern AVERAGED = Pattern.compile("(?i)(^|.*[._])(ema|shadow|average)\\w*\\..*");

    private record Found(String prefix, VaeFamily<?> family) {}

    /** Finds prefix and family. */
    static TensorNames find(Set<String> stored) {
        return find(stored, VaeFamily.all());
    }

    /** Finds the prefix of a family that is known. */
    static TensorNames find(Set<String> stored, VaeFamily<?> family) {
        TensorNames names = find(stored, List.of(family));
        return new TensorNames(names.plain, Optional.of(family));
    }

    /**
     * Finds prefix and family. Of several decoders in a file it takes one that is no average of others, with the
     * shortest prefix.
     */
    private static TensorNames find(Set<String> stored, List<? extends VaeFamily<?>> families) {
        var names = new LinkedHashMap<String, String>();
        for (String name : stored) names.putIfAbsent(unwrapped(name), name);
        Optional<Found> found = names.keySet().stream()
                .flatMap(name -> families.stream()
                        .flatMap(family -> family.marks().stream()
                                .filter(mark -> name.equals(mark) || name.endsWith("." + mark))
                                .map(mark -> new Found(name.substring(0, name.length() - mark.length()), family))))
                .min(Comparator.comparing(
                                (Found one) -> AVERAGED.matcher(one.prefix).matches())
                        .thenComparingInt(one -> one.prefix.length()));
        String prefix = found.map(Found::prefix).orElse("");
        var plain = new LinkedHashMap<String, String>();
        names.forEach((name, storedName) -> {
            if (name.startsWith(prefix)) plain.put(name.substring(prefix.length()), storedName);
        });
        return new TensorNames(plain, found.map(Found::family));
    }

    private static String unwrapped(String name) {
        String plain = WRAPPERS.matcher(name).replaceAll("");
        return plain.startsWith(".") ? plain.substring(1) : plain;
    }

    /** The tensors of a half: diffusers name to stored name, in the order given. Others are left out. */
    Map<String, String> of(Half half) {
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
