package wanvae.checkpoint;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import wanvae.config.PublishedVae;

/**
 * Which published VAE a checkpoint was taken to be, where several have tensors of the same names and shapes. The name
 * of the file decides; where it does not, the likeliest is taken.
 *
 * @param vae    the VAE that it was taken to be
 * @param named  whether the file's name says so
 * @param others the other VAEs that it may be
 */
public record Assumption(PublishedVae vae, boolean named, List<PublishedVae> others) {
    /** Copies the list. */
    public Assumption {
        others = List.copyOf(others);
    }

    /**
     * @param file    the checkpoint's file
     * @param choices the likeliest first
     */
    static Assumption of(Path file, List<PublishedVae> choices) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceAll("[.-]", "_");
        Optional<PublishedVae> named = choices.stream()
                .filter(choice -> name.contains(choice.id()))
                .max(Comparator.comparingInt(choice -> choice.id().length())); // lighttaew2_1 is no taew2_1
        PublishedVae vae = named.orElse(choices.getFirst());
        return new Assumption(
                vae,
                named.isPresent(),
                choices.stream().filter(choice -> choice != vae).toList());
    }

    /** In words: "taken for taew2_1, as its name says; taehv has the same tensors". */
    public String text() {
        return "taken for " + vae.id() + (named ? ", as its name says; " : ", since its name does not say; ")
                + others.stream().map(PublishedVae::id).collect(Collectors.joining(" and "))
                + (others.size() == 1 ? " has" : " have") + " the same tensors";
    }
}
