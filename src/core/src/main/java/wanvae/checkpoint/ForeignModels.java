package wanvae.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Recognises weights of models that are not supported, by names and shapes of tensors: what they are, and what to do.
 */
final class ForeignModels {
    private static final String DECODE_WITH = ", which is not supported: decode its latents with diffusers' ";

    private static final Map<String, String> CLASSES = Map.of(
            "AutoencoderKL", "the VAE of Stable Diffusion, SDXL and Flux",
            "AutoencoderKLFlux2", "the VAE of Flux 2",
            "AutoencoderKLHunyuanVideo15", "the VAE of HunyuanVideo 1.5",
            "AutoencoderKLHunyuanImage", "the VAE of HunyuanImage",
            "AutoencoderKLLTXVideo", "the VAE of LTX-Video",
            "AutoencoderKLLTX2Video", "the VAE of LTX-2",
            "AutoencoderKLCogVideoX", "the VAE of CogVideoX",
            "AutoencoderKLMochi", "the VAE of Mochi",
            "AutoencoderKLCosmos", "the VAE of Cosmos",
            "AutoencoderTiny", "a tiny autoencoder for pictures");

    /**
     * A kind of weights.
     *
     * @param mark   a tensor that they have, behind any prefix
     * @param shape  the shapes that this tensor can have
     * @param also   another tensor that they have, or empty
     * @param answer what they are, as the rest of a sentence that begins with the file's name
     */
    private record Kind(String mark, Predicate<long[]> shape, String also, String answer) {
        Kind(String mark, Predicate<long[]> shape, String answer) {
            this(mark, shape, "", answer);
        }
    }

    private static final List<Kind> VAES = List.of(
            new Kind(
                    "per_channel_statistics.mean-of-means",
                    shape -> true,
                    "the VAE of LTX-Video" + DECODE_WITH + "AutoencoderKLLTXVideo"),
            new Kind(
                    "decoder.conv_in.conv.weight",
                    shape -> shape.length == 5 && shape[1] == 128,
                    "the VAE of LTX-Video" + DECODE_WITH + "AutoencoderKLLTXVideo"),
            new Kind(
                    "decoder.mid_block.resnets.0.norm1.conv_y.conv.weight",
                    shape -> true,
                    "the VAE of CogVideoX" + DECODE_WITH + "AutoencoderKLCogVideoX"),
            new Kind(
                    "decoder.conv_in.conv.weight",
                    shape -> shape.length == 5 && shape[1] == 32,
                    "the VAE of HunyuanVideo 1.5" + DECODE_WITH + "AutoencoderKLHunyuanVideo15"),
            new Kind(
                    "decoder.conv_in.weight",
                    shape -> shape.length == 5 && shape[1] == 32,
                    "the VAE of HunyuanVideo 1.5" + DECODE_WITH + "AutoencoderKLHunyuanVideo15"),
            new Kind("decoder.conv_in.conv.weight", ForeignModels::isChannelsLast, channelsLast("HunyuanVideo")),
            new Kind("decoder.conv1.weight", ForeignModels::isChannelsLast, channelsLast("Wan")),
            new Kind("decoder.conv_in.weight", ForeignModels::isChannelsLast, channelsLast("Wan")),
            new Kind("decoder.conv1.weight", ForeignModels::isQwenImage21, qwenImage21()),
            new Kind("decoder.conv_in.weight", ForeignModels::isQwenImage21, qwenImage21()),
            new Kind("decoder.middle.0.residual.2.weight", shape -> shape.length == 4, flattened()),
            new Kind("decoder.conv_in.weight", shape -> shape.length == 4, "decoder.norm_out.gamma", flattened()),
            new Kind(
                    "decoder.conv_in.weight",
                    shape -> shape.length == 4,
                    "the VAE of Stable Diffusion, SDXL, Flux or a relative" + DECODE_WITH + "AutoencoderKL"));

    private static final List<Kind> OTHERS = Stream.of(
                    Stream.of(
                                    "patch_embedding.weight",
                                    "blocks.0.self_attn.q.weight",
                                    "condition_embedder.text_embedder.linear_1.weight",
                                    "transformer_blocks.0.attn.to_q.weight",
                                    "double_blocks.0.img_attn_qkv.weight",
                                    "double_blocks.0.img_attn.qkv.weight",
                                    "img_in.weight")
                            .map(mark -> new Kind(
                                    mark,
                                    shape -> true,
                                    "the transformer of a diffusion model, not its VAE, which is a file of its own: "
                                            + "Wan2.1_VAE.pth, wan_2.1_vae.safetensors or the folder vae")),
                    Stream.of(
                                    "token_embd.weight",
                                    "token_embedding.weight",
                                    "shared.weight",
                                    "embed_tokens.weight",
                                    "text_model.embeddings.token_embedding.weight")
                            .map(mark -> new Kind(
                                    mark,
                                    shape -> true,
                                    "a text encoder or language model, not a VAE, which is a file of its own: "
                                            + "Wan2.1_VAE.pth, wan_2.1_vae.safetensors or the folder vae")))
            .flatMap(kinds -> kinds)
            .toList();

    private ForeignModels() {}

    /**
     * What these weights are, or null.
     *
     * @param tensors shape by name of all tensors
     * @param vae     whether there are names of a VAE among them, so that no others matter
     */
    static String of(Map<String, long[]> tensors, boolean vae) {
        for (Kind kind : VAES) if (fits(kind, tensors)) return kind.answer;
        if (vae) return null;
        if (tensors.keySet().stream().anyMatch(name -> name.contains(".lora_") || name.startsWith("lora_")))
            return "a LoRA, which changes another model's weights and is none itself";
        for (Kind kind : OTHERS) if (fits(kind, tensors)) return kind.answer;
        return null;
    }

    /** {@code ", the VAE of CogVideoX"} for a class of diffusers that we know but do not support; else empty. */
    static String ofClass(String className) {
        return CLASSES.containsKey(className) ? ", " + CLASSES.get(className) : "";
    }

    private static boolean fits(Kind kind, Map<String, long[]> tensors) {
        boolean marked = tensors.entrySet().stream()
                .anyMatch(tensor -> isCalled(tensor.getKey(), kind.mark) && kind.shape.test(tensor.getValue()));
        return marked && (kind.also.isEmpty() || tensors.keySet().stream().anyMatch(name -> isCalled(name, kind.also)));
    }

    private static boolean isCalled(String name, String mark) {
        return name.equals(mark) || name.endsWith("." + mark);
    }

    /** {@code [out][3][3][3][in]}. */
    private static boolean isChannelsLast(long[] shape) {
        return shape.length == 5 && shape[1] == 3 && shape[2] == 3 && shape[3] == 3 && shape[4] > 3;
    }

    private static boolean isQwenImage21(long[] shape) {
        return shape.length == 5 && shape[1] == 64 && shape[2] == 1;
    }

    private static String channelsLast(String model) {
        return "the VAE of " + model + " with channels last, as MLX has it, which is not supported: give the checkpoint"
                + " that it was made from";
    }

    private static String qwenImage21() {
        return "the VAE of Qwen-Image 2.1, with 64 latent channels, which is not supported: decode its latents with"
                + " diffusers";
    }

    private static String flattened() {
        return "a VAE whose 3D convolutions were made into 2D ones for single pictures, which is not supported: give"
                + " the checkpoint that it was made from";
    }
}
