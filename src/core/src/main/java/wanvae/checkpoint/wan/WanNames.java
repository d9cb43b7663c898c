package wanvae.checkpoint.wan;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name schemes of Wan's VAE: diffusers' own, and the original code's ({@code Wan2.1_VAE.pth}, {@code
 * Wan2.2_VAE.pth}, ComfyUI's safetensors), which numbers the blocks consecutively through all stages (2.1) or stage by
 * stage (2.2).
 */
public final class WanNames {
    private static final String DIFFUSERS_MARK = "decoder.norm_out.gamma";
    private static final String ORIGINAL_MARK = "decoder.middle.0.residual.0.gamma";
    private static final String NESTED_MARK = "decoder.upsamples.0.upsamples.0.residual.2.weight";
    private static final Pattern FLAT_UP = Pattern.compile("decoder\\.upsamples\\.(\\d{1,4})\\.(.*)");
    private static final Pattern FLAT_DOWN = Pattern.compile("encoder\\.downsamples\\.(\\d{1,4})\\.(.*)");
    private static final Pattern NESTED = Pattern.compile(
            "(decoder\\.upsamples|encoder\\.downsamples)\\.(\\d{1,4})\\.(?:up|down)samples\\.(\\d{1,4})\\.(.*)");
    private static final Pattern FIRST_RESAMPLE =
            Pattern.compile("decoder\\.upsamples\\.(\\d{1,4})\\.resample\\.1\\.weight");

    /** Names of which a checkpoint of this family has one, whatever its scheme. */
    public static final List<String> MARKS = List.of(DIFFUSERS_MARK, ORIGINAL_MARK);

    private WanNames() {}

    /**
     * How the names of a checkpoint become diffusers' names.
     *
     * @param names all names of the checkpoint, without a common prefix
     */
    public static UnaryOperator<String> renaming(Set<String> names) {
        if (!names.contains(ORIGINAL_MARK)) return UnaryOperator.identity();
        if (names.contains(NESTED_MARK)) return WanNames::nested;
        int entries = entriesOfStage(names);
        return name -> flat(name, entries);
    }

    /** Entries of {@code decoder.upsamples} that make one stage: its residual blocks and its upsampling, n + 2. */
    private static int entriesOfStage(Set<String> names) {
        int first = Integer.MAX_VALUE;
        for (String name : names) {
            Matcher resample = FIRST_RESAMPLE.matcher(name);
            if (resample.matches()) first = Math.min(first, Integer.parseInt(resample.group(1)));
        }
        return first == Integer.MAX_VALUE ? first : first + 1; // without any upsampling there is one stage only
    }

    private static String flat(String name, int entries) {
        Matcher down = FLAT_DOWN.matcher(name);
        if (down.matches())
            return "encoder.down_blocks." + Integer.parseInt(down.group(1)) + "." + residual(down.group(2));
        Matcher up = FLAT_UP.matcher(name);
        if (!up.matches()) return outsideStages(name);
        int k = Integer.parseInt(up.group(1));
        String block = "decoder.up_blocks." + k / entries;
        int j = k % entries;
        return j == entries - 1
                ? block + ".upsamplers.0." + up.group(2)
                : block + ".resnets." + j + "." + residual(up.group(2));
    }

    private static String nested(String name) {
        Matcher nested = NESTED.matcher(name);
        if (!nested.matches()) return outsideStages(name);
        boolean up = nested.group(1).equals("decoder.upsamples");
        String block = (up ? "decoder.up_blocks." : "encoder.down_blocks.") + Integer.parseInt(nested.group(2));
        String rest = nested.group(4);
        boolean resample = rest.startsWith("resample.") || rest.startsWith("time_conv.");
        return resample
                ? block + (up ? ".upsampler." : ".downsampler.") + rest
                : block + ".resnets." + Integer.parseInt(nested.group(3)) + "." + residual(rest);
    }

    private static String outsideStages(String name) {
        if (name.startsWith("conv2.")) return "post_quant_conv." + name.substring(6);
        if (name.startsWith("conv1.")) return "quant_conv." + name.substring(6);
        if (!name.startsWith("decoder.") && !name.startsWith("encoder.")) return name;
        String half = name.substring(0, 8), rest = name.substring(8);
        if (rest.startsWith("conv1.")) return half + "conv_in." + rest.substring(6);
        if (rest.startsWith("head.0.")) return half + "norm_out." + rest.substring(7);
        if (rest.startsWith("head.2.")) return half + "conv_out." + rest.substring(7);
        if (rest.startsWith("middle.0.")) return half + "mid_block.resnets.0." + residual(rest.substring(9));
        if (rest.startsWith("middle.1.")) return half + "mid_block.attentions.0." + rest.substring(9);
        if (rest.startsWith("middle.2.")) return half + "mid_block.resnets.1." + residual(rest.substring(9));
        return name;
    }

    /** A name inside a residual block; any other stays. */
    private static String residual(String name) {
        if (name.equals("residual.0.gamma")) return "norm1.gamma";
        if (name.equals("residual.3.gamma")) return "norm2.gamma";
        if (name.startsWith("residual.2.")) return "conv1." + name.substring(11);
        if (name.startsWith("residual.6.")) return "conv2." + name.substring(11);
        if (name.startsWith("shortcut.")) return "conv_shortcut." + name.substring(9);
        return name;
    }
}
