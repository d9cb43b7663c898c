package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.checkpoint.GoldenNames;
import wanvae.checkpoint.WanvaeFile;
import wanvae.config.Half;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.encode.EncodeOptions;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedVideo;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TestFiles;

/** One VAE in every kind of file that weights come in: it encodes to the same bits from each of them. */
class EncodeFilesTest {
    private static final VideoShape VIDEO = new VideoShape(1, 5, 32, 48);

    /**
     * A VAE whose tensors are listed under diffusers' and under the original code's names.
     *
     * @param list the resource with the names; that of the original ones ends in {@code _original}
     */
    private record Model(String list, VaeConfig config, long seed) {
        static Model of(String list) {
            WanConfig wan22 = WanConfig.WAN_2_2;
            return switch (list) {
                case "wan21_odd" -> new Model(list, Models.wan21(6, 2), 5);
                case "wan22_tiny" ->
                    new Model(
                            list,
                            new WanConfig(
                                            wan22.className(),
                                            12,
                                            wan22.zDim(),
                                            wan22.dimMult(),
                                            1,
                                            wan22.temporalUpsample(),
                                            wan22.latentsMean(),
                                            wan22.latentsStd(),
                                            true,
                                            12,
                                            2)
                                    .withEncoder(4, 12),
                            2);
                default -> throw new IllegalArgumentException(list);
            };
        }

        /** Diffusers' name of each original one: the tensor of the same shape that begins with the same value. */
        Map<String, String> originalNames() {
            Map<List<Object>, String> diffusers = new LinkedHashMap<>();
            for (GoldenNames tensor : GoldenNames.of(list)) diffusers.put(key(tensor), tensor.name());
            Map<String, String> names = new LinkedHashMap<>();
            for (GoldenNames tensor : GoldenNames.of(list + "_original"))
                names.put(tensor.name(), diffusers.get(key(tensor)));
            return names;
        }

        private static List<Object> key(GoldenNames tensor) {
            return List.of(tensor.firstBits(), Arrays.toString(tensor.shape()));
        }
    }

    @TempDir
    Path folder;

    private static float[] values(String name, long[] shape, long seed) {
        float[] values = new float[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
        GeneratedWeights.fill(name, shape, seed, 0, MemorySegment.ofArray(values));
        return values;
    }

    /** The tensors that a half of a VAE has, name to shape. */
    private static Map<String, long[]> shapes(VaeConfig config, Half half) throws IOException {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        try (GeneratedWeights weights = new GeneratedWeights(config, 1)) {
            weights.tensors(half).values().forEach(info -> shapes.put(info.name(), info.shape()));
        }
        return shapes;
    }

    private static Map<String, long[]> shapes(VaeConfig config) throws IOException {
        Map<String, long[]> shapes = shapes(config, Half.ENCODER);
        shapes.putAll(shapes(config, Half.DECODER));
        return shapes;
    }

    /** @param names diffusers' name of each that is to be in the file */
    private Path safetensors(String file, VaeConfig config, long seed, Map<String, String> names) throws IOException {
        Map<String, long[]> all = shapes(config);
        Map<String, float[]> tensors = new LinkedHashMap<>();
        Map<String, String> shapes = new LinkedHashMap<>();
        names.forEach((stored, name) -> {
            tensors.put(stored, values(name, all.get(name), seed));
            shapes.put(
                    stored,
                    LongStream.of(all.get(name)).mapToObj(Long::toString).collect(Collectors.joining(",")));
        });
        return Files.write(folder.resolve(file), TestFiles.safetensors(tensors, shapes));
    }

    /** As {@code torch.save} writes a module's state. */
    private Path torch(String file, VaeConfig config, long seed, Map<String, String> names) throws IOException {
        Map<String, long[]> all = shapes(config);
        var pickle = new TestFiles.Pickle().op('}', '(');
        List<float[]> storages = new ArrayList<>();
        names.forEach((stored, name) -> {
            long[] shape = all.get(name), stride = new long[shape.length];
            long elements = 1;
            for (int d = shape.length - 1; d >= 0; elements *= shape[d--]) stride[d] = elements;
            pickle.text(stored).tensor("FloatStorage", "" + storages.size(), elements, 0, shape, stride);
            storages.add(values(name, shape, seed));
        });
        byte[] described = pickle.op('u').stop();
        return Files.write(folder.resolve(file), TestFiles.torch(described, storages.toArray(float[][]::new)));
    }

    private static Map<String, String> prefixed(String prefix, Map<String, String> names) {
        Map<String, String> prefixed = new LinkedHashMap<>();
        names.forEach((stored, name) -> prefixed.put(prefix + stored, name));
        return prefixed;
    }

    private static Map<String, String> same(Map<String, long[]> shapes) {
        Map<String, String> names = new LinkedHashMap<>();
        shapes.keySet().forEach(name -> names.put(name, name));
        return names;
    }

    private Path wanvae(Path weights, String name, ConvertOptions options) throws IOException {
        Path file = folder.resolve(name);
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            WanvaeFile.write(checkpoint, file, options);
        }
        return file;
    }

    private static float[] encode(Path weights) throws IOException {
        try (WanVae vae = WanVae.open(
                weights, OpenOptions.DEFAULT.withHalves(Half.ENCODER).withWarmUp(false))) {
            return vae.encode(new GeneratedVideo(VIDEO, 3), EncodeOptions.DEFAULT)
                    .values()
                    .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        }
    }

    private static float[] decode(Path weights) throws IOException {
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withWarmUp(false))) {
            vae.decode(GeneratedWeights.latents(new LatentShape(1, vae.config().latentChannels(), 2, 2, 3), 4), sink);
        }
        return sink.samples;
    }

    private static void assertSame(float[] encoded, float[] decoded, VaeConfig config, Path weights)
            throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            assertEquals(config, checkpoint.config(), weights.toString());
            assertEquals(EnumSet.allOf(Half.class), checkpoint.halves());
        }
        assertArrayEquals(encoded, encode(weights), weights.toString());
        assertArrayEquals(decoded, decode(weights), weights.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wan21_odd", "wan22_tiny"})
    void wan(String list) throws IOException {
        Model model = Model.of(list);
        VaeConfig config = model.config;
        Map<String, String> original = model.originalNames();
        assertEquals(shapes(config).keySet(), new LinkedHashSet<>(original.values()));
        Path vae = folder.resolve("pipeline/vae");
        GeneratedVae.writeVae(config, model.seed, DType.F32, vae);
        float[] encoded = encode(vae), decoded = decode(vae);
        Path comfy = safetensors("wan_vae.safetensors", config, model.seed, original);
        Path pth = torch("Wan_VAE.pth", config, model.seed, original);
        for (Path weights : List.of(
                vae.getParent(),
                comfy,
                pth,
                safetensors("all_in_one.safetensors", config, model.seed, prefixed("vae.", original)),
                safetensors("bare.safetensors", config, model.seed, same(shapes(config))),
                wanvae(vae, "vae.wanvae", ConvertOptions.DEFAULT),
                wanvae(pth, "pth.wanvae", ConvertOptions.DEFAULT))) assertSame(encoded, decoded, config, weights);
    }

    @Test
    void tinyAutoencoders() throws IOException {
        TaeConfig config = new TaeConfig(
                TaeModel.TAEW2_1, 16, 1, List.of(10, 6, 4, 5), List.of(1, 2, 2), false, 7, List.of(2, 2, 1));
        Path vae = folder.resolve("taew2_1");
        GeneratedVae.writeVae(config, 1, DType.F32, vae);
        float[] encoded = encode(vae), decoded = decode(vae);
        Map<String, String> names = same(shapes(config));
        for (Path weights : List.of(
                safetensors("taew2_1.safetensors", config, 1, names),
                torch("taew2_1.pth", config, 1, names),
                wanvae(vae, "tiny.wanvae", ConvertOptions.DEFAULT))) assertSame(encoded, decoded, config, weights);
    }

    /** It decodes as the whole does, and to encode is refused in a sentence. */
    @ParameterizedTest
    @ValueSource(strings = {"wan21_odd", "wan22_tiny"})
    void withoutAnEncoder(String list) throws IOException {
        Model model = Model.of(list);
        VaeConfig config = model.config;
        Map<String, String> original = model.originalNames();
        original.values().retainAll(shapes(config, Half.DECODER).keySet());
        Path vae = folder.resolve("whole"), half = folder.resolve("half");
        GeneratedVae.writeVae(config, model.seed, DType.F32, vae);
        GeneratedVae.writeVae(config, model.seed, DType.F32, half, EnumSet.of(Half.DECODER));
        float[] decoded = decode(vae);
        for (Path weights : List.of(
                half,
                safetensors("half.safetensors", config, model.seed, original),
                torch("half.pth", config, model.seed, original),
                wanvae(vae, "half.wanvae", ConvertOptions.DEFAULT.decoderOnly()))) {
            assertArrayEquals(decoded, decode(weights), weights.toString());
            assertEquals(
                    weights + ": has no encoder, only the decoder of " + config.family(),
                    assertThrows(FormatException.class, () -> encode(weights)).getMessage());
        }
    }
}
