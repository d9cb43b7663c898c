package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.from_blob;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.TaeConfig;
import wanvae.tensorfile.TensorStore;

/**
 * A network in libtorch, and how its tensors are kept and freed. Not thread-safe; holds native memory until closed.
 * (libtorch's in-place methods return a bare alias of their target: the target is what stays alive, so their results are
 * not used.)
 */
abstract class TorchModel implements AutoCloseable {
    private final TensorStore weights;
    final ScalarType type;
    private final List<Tensor> owned = new ArrayList<>();

    TorchModel(TensorStore weights, ScalarType type) {
        this.weights = weights;
        this.type = type;
    }

    /** Loads a decoder. Latent frames go through one at a time, {@code [1][C][1][H][W]} as the decoder takes them. */
    static TorchModel decoder(Checkpoint weights, ScalarType type) throws IOException {
        return weights.config() instanceof TaeConfig ? new TorchTae(weights, type) : new TorchDecoder(weights, type);
    }

    /**
     * Takes the next tensor in float32 through all layers; it stays the caller's, who closes the result. Decoded samples
     * are in [-1, 1], not clamped.
     */
    abstract Tensor forward(Tensor in);

    /** Frees weights and caches. */
    @Override
    public void close() {
        owned.forEach(Tensor::close);
    }

    final Tensor tensor(String name, long... shape) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values =
                    arena.allocate(4 * weights.tensors().get(name).elements(), 64);
            weights.read(name, values);
            Tensor tensor = kept(() -> {
                Tensor view = from_blob(
                        new FloatPointer(values.asByteBuffer()
                                .order(ByteOrder.nativeOrder())
                                .asFloatBuffer()),
                        shape);
                return type == ScalarType.Float ? view.clone() : view.to(type);
            });
            owned.add(tensor);
            return tensor;
        }
    }

    /** Computes, frees every intermediate, and returns the result, which the caller closes. */
    static Tensor kept(Supplier<Tensor> computation) {
        try (PointerScope scope = new PointerScope()) {
            Tensor result = computation.get();
            result.retainReference();
            return result;
        }
    }

    /** As {@link #kept}, but inside another computation the result is one of its intermediates. */
    static Tensor scoped(Supplier<Tensor> computation) {
        Tensor result = kept(computation);
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            outer.attach(result);
            result.releaseReference();
        }
        return result;
    }

    /** Computes, frees {@code x} and every intermediate, and returns the result as {@link #scoped} does. */
    static Tensor then(Tensor x, UnaryOperator<Tensor> computation) {
        Tensor result = scoped(() -> computation.apply(x));
        x.close();
        return result;
    }
}
