package wanvae.generated;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/**
 * A checkpoint without a file, for tests and benchmarks of any size: each value is a pure function of tensor name,
 * shape, seed and index, chosen so that activations keep a natural size through the network. The random numbers are
 * splitmix64's, keyed by the FNV-1a hash of the name.
 */
public final class GeneratedWeights implements Checkpoint {
    private static final long GOLD = 0x9E3779B97F4A7C15L;
    private static final float UNIT = 0x1p-23f;

    private final VaeConfig config;
    private final long seed;
    private final Map<Half, Map<String, TensorInfo>> halves = new EnumMap<>(Half.class);

    /**
     * Weights for a configuration: of the decoder, and of the encoder where the family's is known and the configuration
     * describes one.
     */
    public GeneratedWeights(VaeConfig config, long seed) {
        this.config = config;
        this.seed = seed;
        halves.put(Half.DECODER, infos(Half.DECODER));
        if (describesEncoder(config)) halves.put(Half.ENCODER, infos(Half.ENCODER));
    }

    private static boolean describesEncoder(VaeConfig config) {
        try {
            VaeFamily.of(config).checkEncoder(config, "");
            return config.encodes();
        } catch (FormatException e) {
            return false;
        }
    }

    private Map<String, TensorInfo> infos(Half half) {
        var infos = new LinkedHashMap<String, TensorInfo>();
        VaeFamily.of(config)
                .tensors(config, half)
                .forEach((name, shape) -> infos.put(name, new TensorInfo(name, DType.F32, shape)));
        return Collections.unmodifiableMap(infos);
    }

    @Override
    public Path path() {
        return Path.of("generated-" + seed);
    }

    @Override
    public VaeConfig config() {
        return config;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return halves.get(Half.DECODER);
    }

    @Override
    public Set<Half> halves() {
        return Collections.unmodifiableSet(halves.keySet());
    }

    @Override
    public Map<String, TensorInfo> tensors(Half half) throws FormatException {
        return halves.containsKey(half) ? halves.get(half) : Checkpoint.super.tensors(half);
    }

    @Override
    public void read(String name, MemorySegment target) {
        TensorInfo info = halves.values().stream()
                .map(tensors -> tensors.get(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (info == null) throw new IllegalArgumentException("no tensor " + name);
        TensorFile.requireSize(info, target);
        fill(name, info.shape(), seed, 0, target);
    }

    /**
     * A stretch of a tensor's values.
     *
     * @param name   the diffusers name, of any tensor
     * @param shape  the whole tensor's
     * @param first  index in C order of the first value
     * @param target float32, as many values as it has room for
     */
    public static void fill(String name, long[] shape, long seed, long first, MemorySegment target) {
        long key = key(name, seed);
        boolean norm = name.endsWith("gamma") || shape.length == 1 && name.endsWith(".weight");
        float offset = norm ? 1 : 0;
        float scale = norm || name.endsWith("bias") ? 0.1f : convolutionScale(name, shape);
        for (long i = 0, n = target.byteSize() / 4; i < n; i++) {
            float u = (k(key, first + i) - (1 << 23)) * UNIT;
            float scaled = scale * u;
            target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, offset + scaled); // 0 + x is x: u has no negative zero
        }
    }

    /** Uniform values of the variance that keeps a convolution's output as large as its input. */
    private static float convolutionScale(String name, long[] shape) {
        double fanIn = 1;
        for (int d = 1; d < shape.length; d++) fanIn *= shape[d];
        boolean sharp = Stream.of("to_qkv.weight", "to_q.weight", "to_k.weight", "to_v.weight")
                .anyMatch(name::endsWith);
        boolean last = name.endsWith("decoder.conv_out.weight") || name.endsWith("decoder.conv_out.conv.weight");
        return (float) ((sharp ? 2.0 : last ? 0.6 : 1.0) * Math.sqrt(3.0 / fanIn));
    }

    /** Latents close to normally distributed, mean 0 and variance 1; not marked as normalised. */
    public static Latents latents(LatentShape shape, long seed) {
        long key = key("latents", seed);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * shape.elements(), 64);
            for (long i = 0; i < shape.elements(); i++) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, normal(key, i));
            return Latents.of(shape, values).raw().withName("generated latents, seed " + seed);
        }
    }

    /** A roughly normal number of mean 0 and variance 1: the sum of three uniform ones. */
    static float normal(long key, long i) {
        long sum = (long) k(key, 3 * i) + k(key, 3 * i + 1) + k(key, 3 * i + 2) - 3 * (1L << 23);
        return (float) (sum * 0x1p-23);
    }

    /** 24 random bits. */
    static int k(long key, long i) {
        long z = key + (i + 1) * GOLD;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return (int) ((z ^ z >>> 31) >>> 40);
    }

    static long key(String name, long seed) {
        return fnv1a64(name) ^ seed * GOLD;
    }

    static long fnv1a64(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b & 0xFF) * 0x100000001B3L;
        return hash;
    }

    @Override
    public void close() {}
}
