package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/** Weights under other names than diffusers' and the original code's own, and as parts of a whole. */
class OtherNamesTest {
    private static final Pattern UP_BLOCK = Pattern.compile("decoder\\.up_blocks\\.(\\d)\\.(.*)");

    @TempDir
    Path folder;

    private Path write(List<GoldenNames> tensors) throws IOException {
        return Files.write(folder.resolve("a.safetensors"), GoldenNames.safetensors(tensors, ""));
    }

    private static List<GoldenNames> renamed(String model, UnaryOperator<String> renaming) {
        return GoldenNames.of(model).stream()
                .map(tensor -> new GoldenNames(renaming.apply(tensor.name()), tensor.shape(), tensor.firstBits()))
                .toList();
    }

    /** Opens the file and checks that each of the decoder's tensors is the model's. */
    private static VaeConfig assertDecoder(String model, Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            int found = 0;
            for (GoldenNames tensor : GoldenNames.of(model)) {
                TensorInfo info = checkpoint.tensors().get(tensor.name());
                if (info == null) continue;
                assertArrayEquals(tensor.shape(), info.shape());
                assertEquals(
                        tensor.firstBits(),
                        Float.floatToRawIntBits(CheckpointTest.read(checkpoint, info)[0]),
                        tensor.name());
                found++;
            }
            assertEquals(checkpoint.tensors().size(), found);
            return checkpoint.config();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vae.",
                "first_stage_model.",
                "model.",
                "module.",
                "_orig_mod.",
                "state_dict.vae.",
                "state_dict.module._orig_mod.",
                "generator.ema.vae.model.",
                "a.b.c.d.e.f."
            })
    void prefixes(String prefix) throws IOException {
        for (String model : List.of("wan21_odd", "wan22_tiny", "hunyuan_tiny"))
            assertDecoder(model, write(renamed(model, name -> prefix + name)));
    }

    /** Wrappers around parts of the model put themselves into the middle of names. */
    @Test
    void wrappersWithinNames() throws IOException {
        assertDecoder(
                "wan21_odd",
                write(renamed(
                        "wan21_odd",
                        name -> name.replaceFirst("^(\\w+coder)\\.", "$1._orig_mod.")
                                .replace(".up_blocks.1.", ".up_blocks.1._fsdp_wrapped_module.")
                                .replace(".resnets.0.", ".resnets.0._checkpoint_wrapped_module."))));
    }

    /** An all-in-one checkpoint, and one of training with averaged weights beside the others. */
    @Test
    void partsOfAWhole() throws IOException {
        var tensors = new ArrayList<GoldenNames>();
        tensors.add(new GoldenNames("model.diffusion_model.blocks.0.self_attn.q.weight", new long[] {2, 2}, 7));
        tensors.add(new GoldenNames("text_encoders.umt5xxl.shared.weight", new long[] {2, 2}, 7));
        for (GoldenNames tensor : GoldenNames.of("wan21_odd"))
            tensors.add(new GoldenNames("ema.vae." + tensor.name(), tensor.shape(), 1));
        tensors.addAll(renamed("wan21_odd", name -> "state_dict.model.vae." + name));
        assertDecoder("wan21_odd", write(tensors));
    }

    /** LightX2V's {@code lightvaew2_1}: the original names, a quarter of the width; here four times those of a test file. */
    @Test
    void aQuarterOfWan21sWidth() throws IOException {
        var tensors = new ArrayList<GoldenNames>();
        for (GoldenNames tensor : GoldenNames.of("wan21_odd_original")) {
            long[] shape = tensor.shape().clone();
            for (int d = 0; d < shape.length; d++) if (shape[d] % 6 == 0) shape[d] *= 4;
            tensors.add(new GoldenNames(tensor.name(), shape, tensor.firstBits()));
        }
        try (Checkpoint checkpoint = Checkpoint.open(write(tensors))) {
            WanConfig config = (WanConfig) checkpoint.config(), full = WanConfig.WAN_2_1;
            assertEquals("Wan 2.1", config.family());
            assertEquals(24, config.decoderBaseDim());
            assertEquals(24, config.encoderBaseDim());
            assertEquals(full.dimMult(), config.dimMult());
            assertEquals(full.latentScaling(), config.latentScaling());
            assertEquals(EnumSet.allOf(Half.class), checkpoint.halves());
            assertArrayEquals(
                    new long[] {24, 3, 3, 3, 3},
                    checkpoint
                            .tensors(Half.ENCODER)
                            .get("encoder.conv_in.weight")
                            .shape());
        }
    }

    /** Narrower decoders of Wan 2.2 as their training leaves them, beside the heads it needed. */
    @ParameterizedTest
    @ValueSource(strings = {"state_dict.", "gen_model.", "generator.", "gen_model.module."})
    void narrowDecodersOfWan22(String prefix) throws IOException {
        var tensors = new ArrayList<>(renamed("wan22_tiny_original", name -> prefix + name));
        tensors.add(new GoldenNames(prefix + "dynamic_feature_projection_heads.0.weight", new long[] {2, 2}, 7));
        try (Checkpoint checkpoint = Checkpoint.open(write(tensors))) {
            WanConfig config = (WanConfig) checkpoint.config();
            assertEquals("Wan 2.2", config.family());
            assertEquals(12, config.decoderBaseDim());
            assertEquals(WanConfig.WAN_2_2.latentScaling(), config.latentScaling());
        }
    }

    /** The names of latent diffusion, with the attention's layers as matrices or as convolutions. */
    @ParameterizedTest
    @CsvSource({"hunyuan_tiny,false", "hunyuan_odd,false", "hunyuan_odd,true"})
    void latentDiffusion(String model, boolean convolutions) throws IOException {
        var tensors = new ArrayList<GoldenNames>();
        for (GoldenNames tensor : renamed(model, OtherNamesTest::latentDiffusion)) {
            boolean matrix = convolutions && tensor.shape().length == 2;
            long[] shape = matrix ? new long[] {tensor.shape()[0], tensor.shape()[1], 1, 1, 1} : tensor.shape();
            tensors.add(new GoldenNames(tensor.name(), shape, tensor.firstBits()));
        }
        Path file = write(tensors);
        HunyuanConfig derived = (HunyuanConfig) assertDecoder(model, file);
        Files.writeString(folder.resolve("config.json"), GoldenNames.resource(model + ".json"));
        HunyuanConfig read = (HunyuanConfig) assertDecoder(model, file);
        assertEquals(read.blockOutChannels(), derived.blockOutChannels());
        assertEquals(read.layersPerBlock(), derived.layersPerBlock());
    }

    /** From diffusers' names, stage by stage from the last one; four stages. */
    private static String latentDiffusion(String name) {
        Matcher block = UP_BLOCK.matcher(name);
        if (block.matches())
            return "decoder.up." + (3 - Integer.parseInt(block.group(1))) + "."
                    + block.group(2)
                            .replace("resnets.", "block.")
                            .replace("upsamplers.0.", "upsample.")
                            .replace("conv_shortcut", "nin_shortcut");
        return name.replace("decoder.conv_norm_out", "decoder.norm_out")
                .replace("decoder.mid_block.resnets.0", "decoder.mid.block_1")
                .replace("decoder.mid_block.resnets.1", "decoder.mid.block_2")
                .replace("decoder.mid_block.attentions.0.group_norm", "decoder.mid.attn_1.norm")
                .replace("decoder.mid_block.attentions.0.to_out.0", "decoder.mid.attn_1.proj_out")
                .replace("decoder.mid_block.attentions.0.to_", "decoder.mid.attn_1.");
    }

    /** Norms without the ones behind their size, as some conversions leave them. */
    @Test
    void shapesButForOnes() throws IOException {
        var tensors = new ArrayList<GoldenNames>();
        for (GoldenNames tensor : GoldenNames.of("wan21_odd"))
            tensors.add(
                    tensor.name().endsWith(".gamma")
                            ? new GoldenNames(tensor.name(), new long[] {tensor.shape()[0]}, tensor.firstBits())
                            : tensor);
        assertDecoder("wan21_odd", write(tensors));
    }

    /** What is not supported is named; a tensor's name and shape tell. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            decoder.conv_in.conv.weight                 | 8,32,3,3,3  |                        | HunyuanVideo 1.5, which is not supported: decode its latents with diffusers'
            vae.decoder.conv_in.conv.weight             | 8,128,3,3,3 |                        | LTX-Video
            per_channel_statistics.mean-of-means        | 128         |                        | LTX-Video
            decoder.mid_block.resnets.0.norm1.conv_y.conv.weight | 8,16,1,1,1 |                | CogVideoX
            decoder.conv1.weight                        | 8,64,1,3,3  |                        | Qwen-Image 2.1
            decoder.conv_in.weight                      | 8,64,1,3,3  | decoder.norm_out.gamma | Qwen-Image 2.1
            decoder.conv1.weight                        | 8,3,3,3,16  |                        | as MLX has it
            decoder.conv_in.conv.weight                 | 8,3,3,3,16  |                        | as MLX has it
            decoder.middle.0.residual.2.weight          | 8,8,3,3     | decoder.middle.0.residual.0.gamma | 2D ones
            decoder.conv_in.weight                      | 8,16,3,3    | decoder.norm_out.gamma | 2D ones
            first_stage_model.decoder.conv_in.weight    | 8,4,3,3     |                        | Stable Diffusion
            blocks.0.self_attn.q.weight                 | 8,8         |                        | transformer of a diffusion model
            model.diffusion_model.double_blocks.0.img_attn.qkv.weight | 8,8 |                  | transformer of a diffusion model
            shared.weight                               | 8,8         |                        | text encoder
            model.embed_tokens.weight                   | 8,8         |                        | text encoder
            blocks.0.attn.to_q.lora_A.weight            | 8,8         |                        | a LoRA
            something.weight                            | 8,8         |                        | not a VAE we can decode with, expected the decoder tensors of Wan 2.1
            """)
    void whatIsNotSupportedIsNamed(String name, String sizes, String also, String sentence) throws IOException {
        long[] shape =
                List.of(sizes.split(",")).stream().mapToLong(Long::parseLong).toArray();
        var tensors = new ArrayList<GoldenNames>();
        tensors.add(new GoldenNames(name, shape, 0));
        if (also != null) tensors.add(new GoldenNames(also, new long[] {8}, 0));
        Path file = write(tensors);
        String message =
                assertThrows(FormatException.class, () -> Checkpoint.open(file)).getMessage();
        assertTrue(message.startsWith(file + ": ") && message.contains(sentence), message);
        assertEquals(-1, message.indexOf('\n'));
    }

    @ParameterizedTest
    @CsvSource({"AutoencoderKLCogVideoX,CogVideoX", "AutoencoderKLHunyuanVideo15,HunyuanVideo 1.5", "AutoencoderKL,Flux"
    })
    void classesThatAreNotSupportedAreNamed(String className, String model) throws IOException {
        Path vae = Files.createDirectory(folder.resolve("vae"));
        Files.write(vae.resolve("diffusion_pytorch_model.safetensors"), GoldenNames.safetensors(List.of(), ""));
        Files.writeString(vae.resolve("config.json"), "{\"_class_name\": \"" + className + "\"}");
        String message =
                assertThrows(FormatException.class, () -> Checkpoint.open(vae)).getMessage();
        assertTrue(message.contains(className + ", the VAE of ") && message.contains(model), message);
    }
}
