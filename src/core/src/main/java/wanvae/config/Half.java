package wanvae.config;

import java.util.List;

/** The two directions of a VAE, each with tensors of its own. */
public enum Half {
    /** From latents to pictures: {@code decoder.*} and {@code post_quant_conv.*}. */
    DECODER("decoder.", "post_quant_conv."),
    /** From pictures to latents: {@code encoder.*} and {@code quant_conv.*}. */
    ENCODER("encoder.", "quant_conv.");

    private final List<String> prefixes;

    Half(String... prefixes) {
        this.prefixes = List.of(prefixes);
    }

    /** Whether a tensor of this diffusers name belongs to this half. */
    public boolean owns(String tensor) {
        return prefixes.stream().anyMatch(tensor::startsWith);
    }
}
