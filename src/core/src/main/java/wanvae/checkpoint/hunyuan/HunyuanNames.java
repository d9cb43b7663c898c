package wanvae.checkpoint.hunyuan;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name schemes of HunyuanVideo's VAE: diffusers' own, which the original code shares, with older names of the
 * attention's layers, and that of latent diffusion ({@code hunyuan_video_vae_bf16.safetensors} of ComfyUI), which
 * counts the stages from the last one computed.
 */
public final class HunyuanNames {
    /** Names of which a checkpoint of this family has one. */
    public static final List<String> MARKS = List.of("decoder.conv_in.conv.weight");

    private static final String ATTENTION = "decoder.mid_block.attentions.0.";
    private static final String LDM_MARK = "decoder.mid.block_1.conv1.conv.weight";
    private static final Pattern LDM_UP = Pattern.compile("decoder\\.up\\.(\\d{1,4})\\.(.*)");
    private static final Pattern LDM_DOWN = Pattern.compile("encoder\\.down\\.(\\d{1,4})\\.(.*)");

    private HunyuanNames() {}

    /**
     * How the names of a checkpoint become diffusers' names.
     *
     * @param names all names of the checkpoint, without a common prefix
     */
    public static UnaryOperator<String> renaming(Set<String> names) {
        if (!names.contains(LDM_MARK)) return HunyuanNames::current;
        int last = 0;
        for (String name : names) {
            Matcher up = LDM_UP.matcher(name);
            if (up.matches()) last = Math.max(last, Integer.parseInt(up.group(1)));
        }
        int lastStage = last;
        return name -> latentDiffusion(name, lastStage);
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

    private static String latentDiffusion(String name, int lastStage) {
        Matcher up = LDM_UP.matcher(name);
        if (up.matches()) {
            int stage = lastStage - Integer.parseInt(up.group(1));
            return "decoder.up_blocks." + stage + "." + block(up.group(2), "upsample", "upsamplers.0");
        }
        Matcher down = LDM_DOWN.matcher(name);
        if (down.matches())
            return "encoder.down_blocks." + Integer.parseInt(down.group(1)) + "."
                    + block(down.group(2), "downsample", "downsamplers.0");
        String half = name.startsWith("encoder.") ? "encoder." : "decoder.";
        if (!name.startsWith(half)) return name;
        return half
                + name.substring(half.length())
                        .replaceFirst("^norm_out\\.", "conv_norm_out.")
                        .replaceFirst("^mid\\.block_1\\.", "mid_block.resnets.0.")
                        .replaceFirst("^mid\\.block_2\\.", "mid_block.resnets.1.")
                        .replaceFirst("^mid\\.attn_1\\.norm\\.", "mid_block.attentions.0.group_norm.")
                        .replaceFirst("^mid\\.attn_1\\.([qkv])\\.", "mid_block.attentions.0.to_$1.")
                        .replaceFirst("^mid\\.attn_1\\.proj_out\\.", "mid_block.attentions.0.to_out.0.");
    }

    private static String block(String name, String resample, String renamed) {
        return name.replaceFirst("^block\\.(\\d{1,4})\\.nin_shortcut\\.", "resnets.$1.conv_shortcut.")
                .replaceFirst("^block\\.", "resnets.")
                .replaceFirst("^" + resample + "\\.", renamed + ".");
    }
}
