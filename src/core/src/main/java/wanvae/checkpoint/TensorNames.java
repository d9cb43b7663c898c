package wanvae.checkpoint;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name schemes in circulation: diffusers' own, and the original Wan code's ({@code Wan2.1_VAE.pth}, ComfyUI's
 * safetensors), either with a prefix before every name. Everything is brought under diffusers' names.
 */
final class TensorNames {
    private static final List<String> PREFIXES =
            List.of("", "vae.", "first_stage_model.", "model.", "state_dict.", "module.");
    private static final String ORIGINAL_MARK = "decoder.middle.0.residual.0.gamma";
    private static final String ORIGINAL_22_MARK = "decoder.upsamples.0.upsamples.0.residual.2.weight";
    private static final Pattern FLAT = Pattern.compile("decoder\\.upsamples\\.(\\d{1,4})\\.(.*)");
    private static final Pattern NESTED =
            Pattern.compile("decoder\\.upsamples\\.(\\d{1,4})\\.upsamples\\.(\\d{1,4})\\.(.*)");
    private static final Pattern FIRST_RESAMPLE =
            Pattern.compile("decoder\\.upsamples\\.(\\d{1,4})\\.resample\\.1\\.weight");

    private TensorNames() {}

    /**
     * The decoder's tensors among the stored ones: diffusers name to stored name, in the order given. Others are left
     * out.
     */
    static Map<String, String> decoder(Collection<String> stored) {
        String prefix = prefix(stored);
        var plain = new LinkedHashMap<String, String>();
        for (String name : stored) if (name.startsWith(prefix)) plain.put(name.substring(prefix.length()), name);

        var names = new LinkedHashMap<String, String>();
        boolean original = plain.containsKey(ORIGINAL_MARK);
        boolean nested = plain.containsKey(ORIGINAL_22_MARK);
        int blocks = original && !nested ? entriesOfStage(plain.keySet()) : 0;
        plain.forEach((name, storedName) -> {
            String renamed =
                    !original ? deprecatedAttention(name) : nested ? original22(name) : original21(name, blocks);
            if (renamed.startsWith("decoder.") || renamed.startsWith("post_quant_conv."))
                names.put(renamed, storedName);
        });
        return names;
    }

    private static String prefix(Collection<String> stored) {
        for (String prefix : PREFIXES) {
            for (String mark : List.of("decoder.conv_in.weight", "decoder.conv_in.conv.weight", ORIGINAL_MARK)) {
                if (stored.contains(prefix + mark)) return prefix;
            }
        }
        return "";
    }

    /** Entries of {@code decoder.upsamples} that make one stage: its residual blocks and its upsampling, n + 2. */
    private static int entriesOfStage(Collection<String> names) {
        int first = Integer.MAX_VALUE;
        for (String name : names) {
            Matcher resample = FIRST_RESAMPLE.matcher(name);
            if (resample.matches()) first = Math.min(first, Integer.parseInt(resample.group(1)));
        }
        return first == Integer.MAX_VALUE ? first : first + 1; // without any upsampling there is one stage only
    }

    private static String original21(String name, int entries) {
        Matcher flat = FLAT.matcher(name);
        if (!flat.matches()) return outsideStages(name);
        int k = Integer.parseInt(flat.group(1));
        String block = "decoder.up_blocks." + k / entries;
        int j = k % entries;
        return j == entries - 1
                ? block + ".upsamplers.0." + flat.group(2)
                : block + ".resnets." + j + "." + residual(flat.group(2));
    }

    private static String original22(String name) {
        Matcher nested = NESTED.matcher(name);
        if (!nested.matches()) return outsideStages(name);
        String block = "decoder.up_blocks." + Integer.parseInt(nested.group(1));
        String rest = nested.group(3);
        boolean upsampler = rest.startsWith("resample.") || rest.startsWith("time_conv.");
        return upsampler
                ? block + ".upsampler." + rest
                : block + ".resnets." + Integer.parseInt(nested.group(2)) + "." + residual(rest);
    }

    private static String outsideStages(String name) {
        if (name.startsWith("conv2.")) return "post_quant_conv." + name.substring(6);
        if (name.startsWith("conv1.")) return "quant_conv." + name.substring(6);
        if (name.startsWith("decoder.conv1.")) return "decoder.conv_in." + name.substring(14);
        if (name.startsWith("decoder.head.0.")) return "decoder.norm_out." + name.substring(15);
        if (name.startsWith("decoder.head.2.")) return "decoder.conv_out." + name.substring(15);
        if (name.startsWith("decoder.middle.0.")) return "decoder.mid_block.resnets.0." + residual(name.substring(17));
        if (name.startsWith("decoder.middle.1.")) return "decoder.mid_block.attentions.0." + name.substring(17);
        if (name.startsWith("decoder.middle.2.")) return "decoder.mid_block.resnets.1." + residual(name.substring(17));
        return name;
    }

    private static String residual(String name) {
        if (name.equals("residual.0.gamma")) return "norm1.gamma";
        if (name.equals("residual.3.gamma")) return "norm2.gamma";
        if (name.startsWith("residual.2.")) return "conv1." + name.substring(11);
        if (name.startsWith("residual.6.")) return "conv2." + name.substring(11);
        if (name.startsWith("shortcut.")) return "conv_shortcut." + name.substring(9);
        return name;
    }

    /** diffusers renames these on loading; only old HunyuanVideo files could have them. */
    private static String deprecatedAttention(String name) {
        String attention = "decoder.mid_block.attentions.0.";
        if (!name.startsWith(attention)) return name;
        return attention
                + name.substring(attention.length())
                        .replaceFirst("^query\\.", "to_q.")
                        .replaceFirst("^key\\.", "to_k.")
                        .replaceFirst("^value\\.", "to_v.")
                        .replaceFirst("^proj_attn\\.", "to_out.0.");
    }
}
