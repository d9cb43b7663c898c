package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedWeights;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

class CheckpointTest {
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    @TempDir
    Path folder;

    /**
     * Every tensor's first value is the generator's under its diffusers name: so each is found, and under the right
     * name.
     */
    private static void assertGenerated(Checkpoint checkpoint, long seed) throws IOException {
        try (var generated = new GeneratedWeights(checkpoint.config(), seed)) {
            assertEquals(generated.halves(), checkpoint.halves());
            for (Half half : generated.halves()) {
                assertEquals(
                        List.copyOf(generated.tensors(half).keySet()),
                        List.copyOf(checkpoint.tensors(half).keySet()));
                for (TensorInfo info : checkpoint.half(half).tensors().values()) {
                    float[] expected = read(generated, info);
                    Arrays.fill(expected, 1, expected.length, 0);
                    assertArrayEquals(expected, read(checkpoint.half(half), info), info.name());
                }
            }
        }
    }

    static float[] read(TensorStore store, TensorInfo info) throws IOException {
        var values = new float[(int) info.elements()];
        store.read(info.name(), MemorySegment.ofArray(values));
        return values;
    }

    private Path vae(String model, String config) throws IOException {
        Path vae = Files.createDirectories(folder.resolve("pipeline/vae"));
        Files.writeString(vae.resolve("config.json"), config);
        Files.write(vae.resolve(WEIGHTS), GoldenNames.safetensors(GoldenNames.of(model), ""));
        return vae;
    }

    private static String config(String model) {
        return GoldenNames.resource(model + ".json");
    }

    @ParameterizedTest
    @CsvSource({
        "wan21_odd, 5, Wan 2.1, 16, 8, 4, 16",
        "wan22_tiny, 2, Wan 2.2, 48, 16, 4, 24",
        "qwen_tiny, 3, Qwen-Image, 16, 8, 4, 16",
        "hunyuan_tiny, 31, HunyuanVideo, 16, 8, 4, 15",
        "hunyuan_odd, 33, HunyuanVideo, 4, 4, 4, 15"
    })
    void folders(String model, long seed, String family, int channels, int spatial, int temporal, int fps)
            throws IOException {
        Path vae = vae(model, config(model));
        for (Path path : List.of(vae, vae.getParent(), vae.resolve(WEIGHTS))) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                assertGenerated(checkpoint, seed);
                VaeConfig config = checkpoint.config();
                assertEquals(family, config.family());
                assertEquals(config.encodes(), checkpoint.halves().contains(Half.ENCODER));
                assertEquals(
                        List.of(channels, spatial, temporal, fps),
                        List.of(
                                config.latentChannels(),
                                config.spatialScale(),
                                config.temporalScale(),
                                config.defaultFps()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "vae.", "first_stage_model.", "model."})
    void originalNamesWithoutConfiguration(String prefix) throws IOException {
        Path file = folder.resolve("wan_vae.safetensors");
        Files.write(file, GoldenNames.safetensors(GoldenNames.of("wan21_odd_original"), prefix));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertGenerated(checkpoint, 5);
            assertEquals(
                    VaeConfigJson.read(Files.writeString(folder.resolve("c.json"), config("wan21_odd"))),
                    checkpoint.config());
        }
        Files.write(file, GoldenNames.safetensors(GoldenNames.of("wan22_tiny_original"), prefix));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertGenerated(checkpoint, 2);
            WanConfig derived = (WanConfig) checkpoint.config();
            assertEquals(WanConfig.WAN_2_2.latentsMean(), derived.latentsMean());
            assertEquals(
                    List.of(12, 4, 12),
                    List.of(derived.decoderBaseDim(), derived.encoderBaseDim(), derived.inChannels()));
        }
    }

    @Test
    void torchFileWithOriginalNames() throws IOException {
        Path file = folder.resolve("Wan2.1_VAE.pth");
        Files.write(
                file,
                GoldenNames.torch(GoldenNames.of("wan21_odd_original"), GoldenNames.bytes("wan21_odd_original.pkl")));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertGenerated(checkpoint, 5);
        }
    }

    @ParameterizedTest
    @CsvSource({"wan21_odd, 5", "wan22_tiny, 2", "qwen_tiny, 3"})
    void diffusersNamesWithoutConfiguration(String model, long seed) throws IOException {
        Path file = Files.write(folder.resolve("x.safetensors"), GoldenNames.safetensors(GoldenNames.of(model), ""));
        Files.writeString(
                folder.resolve("config.json"),
                "{\"_class_name\": \"WanTransformer3DModel\"}"); // another model's, left alone
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertGenerated(checkpoint, seed);
        }
    }

    /** Whatever the encoder lacks, the decoder is read; asking for the encoder says what is wrong. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            encoder.*, quant_conv.*           | 1 | has no encoder, only the decoder of Wan 2.1
            quant_conv.bias                   | 1 | tensor quant_conv.bias is missing, expected shape [32]
            encoder.down_blocks.3.conv1.weight| 1 | tensor encoder.down_blocks.3.conv1.weight is missing
            encoder.conv_in.weight            | 2 | tensor encoder.conv_in.weight has shape [2, 3, 3, 3, 3], expected shape [6, 3, 3, 3, 3] by
            encoder.conv_in.weight            | 3 | tensor encoder.extra has no place in the encoder described by
            encoder.conv_out.bias             | 4 | has type I32
            """)
    void encodersThatAreNone(String pattern, int what, String sentence) throws IOException {
        List<String> patterns = List.of(pattern.split(", "));
        var tensors = new ArrayList<GoldenNames>();
        for (GoldenNames tensor : GoldenNames.of("wan21_odd")) {
            boolean meant = patterns.stream()
                    .anyMatch(each ->
                            tensor.name().matches(each.replace(".", "\\.").replace("*", ".*")));
            if (!meant || what == 3) tensors.add(tensor);
            if (meant && what == 2) tensors.add(new GoldenNames(tensor.name(), new long[] {2, 3, 3, 3, 3}, 0));
            if (meant && what == 3) tensors.add(new GoldenNames("encoder.extra", new long[] {1}, 0));
            if (meant && what == 4) tensors.add(tensor);
        }
        Path vae = vae("wan21_odd", config("wan21_odd"));
        byte[] file = GoldenNames.safetensors(tensors, "");
        if (what == 4) {
            String header = new String(file, StandardCharsets.ISO_8859_1);
            String entry = "\"" + pattern + "\":{\"dtype\":\"F32\"";
            file = header.replace(entry, entry.replace("F32", "I32")).getBytes(StandardCharsets.ISO_8859_1);
        }
        Path alone = Files.write(folder.resolve("alone.safetensors"), file);
        Files.write(vae.resolve(WEIGHTS), file);
        for (Path path : List.of(vae, alone)) {
            try (Checkpoint checkpoint = Checkpoint.open(path);
                    var generated = new GeneratedWeights(checkpoint.config(), 5)) {
                assertEquals(generated.tensors().keySet(), checkpoint.tensors().keySet());
                TensorInfo first = checkpoint.tensors().get("post_quant_conv.bias");
                assertEquals(read(generated, first)[0], read(checkpoint, first)[0]);
                // Without a configuration, conv_in itself says how wide the encoder is.
                String expected = path == alone && what == 2 ? "by the other tensors (encoder's base_dim 2" : sentence;
                for (Executable asked : List.<Executable>of(
                        () -> checkpoint.tensors(Half.ENCODER), () -> checkpoint.half(Half.ENCODER))) {
                    String message = assertThrows(FormatException.class, asked).getMessage();
                    assertTrue(message.startsWith(path + ": ") || what == 4, message);
                    assertTrue(message.contains(expected), message);
                }
                boolean none = what == 1 && patterns.size() == 2;
                assertEquals(!none, checkpoint.halves().contains(Half.ENCODER));
                CheckpointSummary summary = CheckpointSummary.of(checkpoint);
                assertEquals(Optional.empty(), summary.encoder());
                assertEquals(!none, summary.encoderProblem().isPresent());
            }
        }
    }

    @Test
    void encodersThatTheConfigurationDoesNotDescribe() throws IOException {
        for (String change :
                List.of("\"in_channels\": 5,", "\"in_channels\": 4,", "\"decoder_base_dim\": 6, \"base_dim\": 0,")) {
            String text = config("wan21_odd")
                    .replace("\"base_dim\": 6,", (change.contains("base") ? "" : "\"base_dim\": 6,") + change);
            try (Checkpoint checkpoint = Checkpoint.open(vae("wan21_odd", text))) {
                String message = assertThrows(FormatException.class, () -> checkpoint.tensors(Half.ENCODER))
                        .getMessage();
                assertTrue(
                        message.contains("in_channels is") || message.contains("base_dim (of the encoder)"), message);
            }
        }
    }

    @Test
    void anEncoderThatIsNotSupported() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(vae("hunyuan_tiny", config("hunyuan_tiny")))) {
            assertEquals(Set.of(Half.DECODER), checkpoint.halves());
            String message = assertThrows(FormatException.class, () -> checkpoint.tensors(Half.ENCODER))
                    .getMessage();
            assertTrue(message.endsWith("of HunyuanVideo only the decoder is supported, not the encoder"), message);
        }
    }

    @Test
    void picturesWithAlpha() throws IOException {
        Path file = folder.resolve("config.json");
        for (String text : List.of(
                "{\"_class_name\": \"AutoencoderKLQwenImage\", \"base_dim\": 4, \"input_channels\": 4}",
                "{\"base_dim\": 4, \"in_channels\": 4, \"out_channels\": 4}")) {
            VaeConfig config = VaeConfigJson.read(Files.writeString(file, text));
            assertEquals(4, config.imageChannels());
            assertEquals(config, VaeConfigJson.read(Files.writeString(file, VaeConfigJson.write(config))));
            Path wanvae = folder.resolve("rgba.wanvae");
            WanvaeFile.write(new GeneratedWeights(config, 1), wanvae);
            Path vae = folder.resolve("rgba");
            GeneratedVae.writeVae(config, 1, DType.F32, vae);
            for (Path path : List.of(wanvae, vae)) {
                try (Checkpoint checkpoint = Checkpoint.open(path)) {
                    assertEquals(config, checkpoint.config());
                    assertArrayEquals(
                            new long[] {4, 4, 3, 3, 3},
                            checkpoint.tensors().get("decoder.conv_out.weight").shape());
                    assertArrayEquals(
                            new long[] {4, 4, 3, 3, 3},
                            checkpoint
                                    .tensors(Half.ENCODER)
                                    .get("encoder.conv_in.weight")
                                    .shape());
                }
            }
            Files.delete(vae.resolve("config.json"));
            try (Checkpoint checkpoint = Checkpoint.open(vae)) {
                assertEquals(4, checkpoint.config().imageChannels());
            }
        }
    }

    @Test
    void publishedModelsWithoutConfiguration() throws IOException {
        for (VaeConfig config : List.of(WanConfig.WAN_2_1, WanConfig.WAN_2_2, HunyuanConfig.HUNYUAN_VIDEO)) {
            assertEquals(
                    config,
                    VaeFamily.of(config)
                            .deriveConfig(new FoundTensors("x", new GeneratedWeights(config, 1).tensors())));
        }
    }

    @Test
    void defaultsWhereKeysAreMissing() throws IOException {
        Path file = folder.resolve("config.json");
        assertEquals(WanConfig.WAN_2_1, VaeConfigJson.read(Files.writeString(file, "{}")));
        assertEquals(
                WanConfig.WAN_2_1,
                VaeConfigJson.read(Files.writeString(
                        file, "{\"patch_size\": null, \"decoder_base_dim\": null, \"new_key\": {\"a\": [1]}}")));
        assertEquals(
                HunyuanConfig.HUNYUAN_VIDEO,
                VaeConfigJson.read(Files.writeString(file, "{\"_class_name\": \"AutoencoderKLHunyuanVideo\"}")));
        assertEquals(
                "Qwen-Image",
                VaeConfigJson.read(Files.writeString(file, "{\"_class_name\": \"AutoencoderKLQwenImage\"}"))
                        .family());
    }

    /** What would overrun the parser, or never end, is refused in a sentence too. */
    @Test
    void configurationsThatAreNone() throws IOException {
        Path vae = vae("wan21_odd", "{\"z_dim\": 1" + "0".repeat(2000) + "}");
        assertTrue(assertThrows(FormatException.class, () -> Checkpoint.open(vae))
                .getMessage()
                .contains("config.json: not valid JSON"));
        Path config = vae.resolve("config.json");
        Files.writeString(config, "{}" + " ".repeat(1 << 20));
        assertTrue(assertThrows(FormatException.class, () -> Checkpoint.open(vae))
                .getMessage()
                .contains("config.json: longer than"));
        Files.delete(config);
        Files.createDirectory(config);
        assertTrue(assertThrows(FormatException.class, () -> Checkpoint.open(vae))
                .getMessage()
                .contains("config.json: expected a file"));
    }

    @Test
    void configurationsWriteAndReadBack() throws IOException {
        for (String model : List.of("wan21_odd", "wan22_tiny", "qwen_tiny", "hunyuan_tiny", "hunyuan_odd")) {
            Path file = Files.writeString(folder.resolve("config.json"), config(model));
            VaeConfig config = VaeConfigJson.read(file);
            assertEquals(config, VaeConfigJson.read(Files.writeString(file, VaeConfigJson.write(config))));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"_class_name": "AutoencoderKL"}                      | AutoencoderKLWan
            {"base_dim": "96"}                                    | base_dim is 96, expected a whole number
            {"base_dim": 1e9}                                     | base_dim
            {"base_dim": -96}                                     | base_dim
            {"base_dim": 0}                                       | base_dim
            {"base_dim": 60000}                                   | base_dim
            {"z_dim": 4.5}                                        | z_dim
            {"z_dim": 0}                                          | z_dim is 0
            {"z_dim": 8, "latents_mean": [1, 2]}                  | latents_mean has 2 entries, expected z_dim, 8
            {"latents_std": [1]}                                  | latents_std has 1 entries
            {"latents_mean": [1, "a"]}                            | latents_mean
            {"dim_mult": []}                                      | dim_mult has 0 entries
            {"dim_mult": [1, 2]}                                  | temperal_downsample has 3 entries
            {"temperal_downsample": [1, 0, 1]}                    | temperal_downsample
            {"patch_size": 3}                                     | patch_size is 3
            {"patch_size": 2}                                     | out_channels is 3, expected 12
            {"num_res_blocks": 1000}                              | num_res_blocks is 1000
            {"is_residual": true, "dim_mult": [1, 2, 3, 16]}      | dim_mult
            {"_class_name": "AutoencoderKLHunyuanVideo", "norm_num_groups": 7}            | norm_num_groups
            {"_class_name": "AutoencoderKLHunyuanVideo", "norm_num_groups": 0}            | norm_num_groups is 0
            {"_class_name": "AutoencoderKLHunyuanVideo", "act_fn": "gelu"}                | act_fn is gelu
            {"_class_name": "AutoencoderKLHunyuanVideo", "spatial_compression_ratio": 6}  | spatial_compression_ratio is 6
            {"_class_name": "AutoencoderKLHunyuanVideo", "temporal_compression_ratio": 8} | temporal_compression_ratio is 8
            {"_class_name": "AutoencoderKLHunyuanVideo", "scaling_factor": 0}             | scaling_factor
            [1]                                                   | not a JSON object
            {"z_dim": 16} 7                                       | text after
            {"z_dim":                                             | not valid JSON at line 1
            """)
    void badConfigurations(String text, String sentence) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), text);
        String message = assertThrows(FormatException.class, () -> VaeConfigJson.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": ") && message.contains(sentence), message);
    }

    @Test
    void disagreementsNameConfigurationAndTensor() throws IOException {
        Path vae = vae("wan21_odd", config("wan21_odd").replace("\"base_dim\": 6", "\"base_dim\": 96"));
        assertRefused(
                vae, "[384, 16, 3, 3, 3]", "[24, 16, 3, 3, 3]", "base_dim 96", "config.json", "decoder.conv_in.weight");
        vae("wan21_odd", config("wan21_odd").replace("\"num_res_blocks\": 2", "\"num_res_blocks\": 1"));
        assertRefused(vae, "has no place", "num_res_blocks 1", "resnets.2");
        vae("wan21_odd", config("wan21_odd").replace("\"num_res_blocks\": 2", "\"num_res_blocks\": 3"));
        assertRefused(vae, "decoder.up_blocks.0.resnets.3.norm1.gamma is missing", "num_res_blocks 3");
        vae("wan21_odd", config("hunyuan_tiny"));
        assertRefused(vae, "decoder.conv_in.conv.weight is missing");
    }

    private static void assertRefused(Path path, String... parts) {
        String message = assertThrows(
                        FormatException.class, () -> Checkpoint.open(path).close())
                .getMessage();
        for (String part : parts) assertTrue(message.contains(part), message);
    }

    @Test
    void filesThatAreNoCheckpoint() throws IOException {
        assertRefused(folder, "holds no weights");
        Path file = folder.resolve("lora.safetensors");
        var tensors = new ArrayList<>(GoldenNames.of("wan21_odd"));
        tensors.removeIf(tensor -> tensor.name().startsWith("decoder."));
        Files.write(file, GoldenNames.safetensors(tensors, ""));
        assertRefused(file, "not a VAE we can decode with");
        assertThrows(IOException.class, () -> Checkpoint.open(folder.resolve("missing")));
        Files.write(folder.resolve("b.safetensors"), new byte[20]);
        assertRefused(folder, "several");
    }

    @Test
    void shards() throws IOException {
        Path vae = vae("wan21_odd", config("wan21_odd"));
        Files.delete(vae.resolve(WEIGHTS));
        List<GoldenNames> all = GoldenNames.of("wan21_odd");
        Files.write(vae.resolve("a-1.safetensors"), GoldenNames.safetensors(all.subList(0, 100), ""));
        Files.write(vae.resolve("a-2.safetensors"), GoldenNames.safetensors(all.subList(100, all.size()), ""));
        Path index = vae.resolve(WEIGHTS + ".index.json");
        Files.writeString(
                index,
                "{\"metadata\": {}, \"weight_map\": {\"x\": \"a-1.safetensors\", \"y\": \"a-2.safetensors\", \"z\": \"a-1.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(vae)) {
            assertGenerated(checkpoint, 5);
        }
        Files.writeString(index, "{\"weight_map\": {\"x\": \"../../a-1.safetensors\"}}");
        assertRefused(vae, "expected one in its own folder");
    }

    @Test
    void halfPrecisionIsRoundedToNearestEven() throws IOException {
        VaeConfig config = VaeConfigJson.read(Files.writeString(folder.resolve("c.json"), config("wan21_odd")));
        for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16)) {
            Path vae = folder.resolve("vae-" + dtype);
            GeneratedVae.writeVae(config, 9, dtype, vae);
            try (Checkpoint checkpoint = Checkpoint.open(vae);
                    var generated = new GeneratedWeights(config, 9)) {
                for (TensorInfo info : checkpoint.tensors().values()) {
                    assertEquals(dtype, info.dtype());
                    float[] stored = read(checkpoint, info);
                    float[] exact = read(generated, info);
                    for (int i = 0; i < exact.length; i++) assertEquals(round(exact[i], dtype), stored[i]);
                }
            }
        }
    }

    @Test
    void summaries() throws IOException {
        try (Checkpoint checkpoint = new GeneratedWeights(HunyuanConfig.HUNYUAN_VIDEO, 1)) {
            var summary = CheckpointSummary.of(checkpoint);
            assertEquals("HunyuanVideo", summary.family());
            HalfSummary decoder = summary.decoder();
            assertEquals(Map.of(DType.F32, 146_136_067L + 272), decoder.parameters());
            assertEquals(4 * decoder.totalParameters(), decoder.storedBytes());
            assertEquals(138 + 2, decoder.tensors());
            assertEquals(Optional.empty(), summary.encoder());
        }
    }

    static float round(float value, DType dtype) {
        int bits = Float.floatToIntBits(value);
        return switch (dtype) {
            case BF16 -> Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            default -> value;
        };
    }
}
