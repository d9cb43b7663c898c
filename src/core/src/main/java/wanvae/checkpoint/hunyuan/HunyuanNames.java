package wanvae.checkpoint.hunyuan;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The name scheme of HunyuanVideo's VAE: diffusers' own, with older names of the attention's layers. */
public final class HunyuanNames {
    /** Names of which a checkpoint of this family has one. */
    public static final List<String> MARKS = List.of("decoder.conv_in.conv.weight");

    private static final String ATTENTION = "decoder.mid_block.attentions.0.";

    private HunyuanNames() {}

    /**
     * How the names of a checkpoint become diffusers' names.
     *
     * @param names all of the checkpoint's, without a common prefix
     */
    public static UnaryOperator<String> renaming(Set<String> names) {
        return HunyuanNames::current;
    }

    /** diffusers renames these on loading. */
    private static String current(String name) {
        if (!name.startsWith(ATTENTION)) return name;
        return ATTENTION
                + name.substring(ATTENTION.length())
                        .replaceFirst("^query\\.", "to_q.")
                        .replaceFirst("^key\\.", "to_k.")
                        .replaceFirst("^value\\.", "to_v.")
                        .replaceFirst("^proj_attn\\.", "to_out.0.");
    }
}
