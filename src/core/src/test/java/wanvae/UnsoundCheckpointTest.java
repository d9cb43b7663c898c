package wanvae;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.VaeConfig;
import wanvae.generated.GeneratedWeights;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/** Anyone may implement a checkpoint; a wrong one is refused before kernels read its memory by address. */
class UnsoundCheckpointTest {
    private static final OpenOptions COLD = OpenOptions.DEFAULT.withWarmUp(false);

    /** Generated weights with some tensors of another shape, and maps of the test's choice. */
    private record Wrong(
            GeneratedWeights weights,
            Map<String, TensorInfo> tensors,
            BiFunction<TensorInfo, Arena, MemorySegment> maps)
            implements Checkpoint {
        Wrong(BiFunction<TensorInfo, Arena, MemorySegment> maps) {
            this(new GeneratedWeights(Models.wan21(4, 1), 9), new LinkedHashMap<>(), maps);
            tensors.putAll(weights.tensors());
        }

        @Override
        public Path path() {
            return weights.path();
        }

        @Override
        public VaeConfig config() {
            return weights.config();
        }

        @Override
        public void read(String name, MemorySegment target) {
            target.fill((byte) 0);
        }

        @Override
        public Optional<MemorySegment> map(String name, Arena arena) {
            return Optional.ofNullable(maps.apply(tensors.get(name), arena));
        }

        @Override
        public void close() {}
    }

    @Test
    void tensorsThatTheConfigurationDoesNotHave() {
        for (long[] shape : new long[][] {null, {}, {1}, {1 << 20}, {4, 4}}) {
            Wrong wrong = new Wrong((tensor, arena) -> null);
            for (String name : new String[] {"decoder.conv_in.bias", "decoder.norm_out.gamma"}) {
                if (shape == null) wrong.tensors.remove(name);
                else wrong.tensors.put(name, new TensorInfo(name, DType.F32, shape));
                String message = assertThrows(FormatException.class, () -> WanVae.open(wrong, COLD))
                        .getMessage();
                assertTrue(message.contains("decoder.conv_in.bias"), message);
            }
        }
    }

    @Test
    void mapsThatAreShortOrAnothersOrOnTheHeap() {
        try (Arena mine = Arena.ofShared()) {
            for (BiFunction<TensorInfo, Arena, MemorySegment> maps :
                    List.<BiFunction<TensorInfo, Arena, MemorySegment>>of(
                            (tensor, arena) -> arena.allocate(4 * tensor.elements() - 64),
                            (tensor, arena) -> mine.allocate(4 * tensor.elements()),
                            (tensor, arena) -> MemorySegment.ofArray(new float[(int) tensor.elements()])))
                assertThrows(IllegalArgumentException.class, () -> {
                    WanVae.open(new Wrong(maps), COLD).close();
                });
        }
    }
}
