package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv3d;
import static org.bytedeco.pytorch.global.torch.from_blob;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu_;
import static org.bytedeco.pytorch.global.torch.upsample_nearest3d;

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
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.WanConfig;

/**
 * The rival: the decoder of Wan 2.1 in libtorch, chunk by chunk with diffusers' feature caches, tensors {@code
 * [1][C][T][H][W]} contiguous. Written to be as fast as libtorch allows: spatial padding by the convolutions
 * themselves, elementwise work in place, every intermediate freed as soon as it has been used, upsampling and its
 * convolution on the whole chunk. Not thread-safe; holds native memory until closed. (libtorch's in-place methods
 * return a bare alias of their target: the target is what stays alive, so their results are not used.)
 */
final class TorchDecoder implements AutoCloseable {
    private static final long[] ONES = {1, 1, 1};

    private final Checkpoint weights;
    private final ScalarType type;
    private final Conv postQuant;
    private final List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    private final List<Conv> convs = new ArrayList<>();
    private final List<Tensor> owned = new ArrayList<>();
    private boolean firstChunk = true;

    /** Loads all weights. @throws IllegalArgumentException for Wan 2.2, whose residual up-blocks are not here */
    TorchDecoder(Checkpoint weights, ScalarType type) throws IOException {
        if (!(weights.config() instanceof WanConfig config) || config.isResidual())
            throw new IllegalArgumentException("the rival decodes Wan 2.1 only");
        this.weights = weights;
        this.type = type;
        int stages = config.dimMult().size();
        int channels = config.decoderBaseDim() * config.dimMult().get(stages - 1);
        postQuant = new Conv("post_quant_conv", config.zDim(), config.zDim(), 1, 1);
        layers.add(new Conv("decoder.conv_in", config.zDim(), channels, 3, 3));
        layers.add(new Resnet("decoder.mid_block.resnets.0", channels, channels));
        layers.add(new Attention("decoder.mid_block.attentions.0", channels));
        layers.add(new Resnet("decoder.mid_block.resnets.1", channels, channels));
        for (int stage = 0; stage < stages; stage++) {
            String block = "decoder.up_blocks." + stage;
            int out = config.decoderBaseDim() * config.dimMult().get(stages - 1 - stage);
            for (int j = 0; j <= config.numResBlocks(); j++)
                layers.add(new Resnet(block + ".resnets." + j, j == 0 ? channels : out, out));
            channels = out;
            if (stage == stages - 1) break;
            if (config.temporalUpsample().get(stage))
                layers.add(new TimeUpsample(block + ".upsamplers.0.time_conv", out));
            layers.add(new SpaceUpsample(block + ".upsamplers.0.resample.1", out));
            channels = out / 2;
        }
        layers.add(new Norm("decoder.norm_out", channels, true));
        layers.add(new Conv("decoder.conv_out", channels, config.outChannels(), 3, 3));
    }

    /**
     * Decodes the next latent frame.
     *
     * @param z {@code [1][C][1][H][W]} float32, what {@code vae.decode} receives; stays the caller's
     * @return {@code [1][3][1 or 4][8H][8W]} float32, not clamped; the caller closes it
     */
    Tensor decode(Tensor z) {
        Tensor x = scoped(() -> postQuant.apply(z.to(type)));
        for (UnaryOperator<Tensor> layer : layers) x = then(x, layer);
        firstChunk = false;
        return then(x, y -> y.to(ScalarType.Float).contiguous());
    }

    /** Frees weights and caches. */
    @Override
    public void close() {
        owned.forEach(Tensor::close);
        convs.forEach(conv -> {
            if (conv.past != null) conv.past.close();
        });
    }

    /** A causal convolution with its cache: the last {@code kt - 1} frames it has seen, zeros at first. */
    private final class Conv implements UnaryOperator<Tensor> {
        private final Tensor weight;
        private final TensorOptional bias;
        private final long[] padding;
        private final int pastFrames;
        private Tensor past;

        Conv(String name, int in, int out, int kt, int k) throws IOException {
            weight = tensor(name + ".weight", out, in, kt, k, k);
            bias = new TensorOptional(tensor(name + ".bias", out));
            padding = new long[] {0, k / 2, k / 2};
            pastFrames = kt - 1;
            convs.add(this);
        }

        @Override
        public Tensor apply(Tensor x) {
            if (pastFrames == 0) return convolve(x);
            if (past == null) past = kept(() -> x.new_zeros(1, x.size(1), pastFrames, x.size(3), x.size(4)));
            Tensor all = scoped(() -> cat(new TensorVector(past, x), 2));
            past.close();
            past = kept(
                    () -> all.narrow(2, all.size(2) - pastFrames, pastFrames).clone());
            return then(all, this::convolve);
        }

        private Tensor convolve(Tensor x) {
            return conv3d(x, weight, bias, ONES, padding, ONES, 1);
        }
    }

    /** {@code silu(x / max(|x|, 1e-12) * sqrt(C) * gamma)} ; the attention's norm goes without the SiLU. */
    private final class Norm implements UnaryOperator<Tensor> {
        private final Tensor gamma;
        private final boolean silu;

        Norm(String name, int channels, boolean silu) throws IOException {
            this.silu = silu;
            gamma = tensor(name + ".gamma", 1, channels, 1, 1, 1);
            gamma.mul_(new Scalar(Math.sqrt(channels)));
        }

        @Override
        public Tensor apply(Tensor x) {
            Tensor norm = x.norm(new ScalarOptional(new Scalar(2.0)), new long[] {1}, true);
            norm.clamp_min_(new Scalar(1e-12));
            Tensor y = x.div(norm);
            y.mul_(gamma);
            if (silu) silu_(y);
            return y;
        }
    }

    private final class Resnet implements UnaryOperator<Tensor> {
        private final Norm norm1, norm2;
        private final Conv conv1, conv2, shortcut;

        Resnet(String name, int in, int out) throws IOException {
            norm1 = new Norm(name + ".norm1", in, true);
            conv1 = new Conv(name + ".conv1", in, out, 3, 3);
            norm2 = new Norm(name + ".norm2", out, true);
            conv2 = new Conv(name + ".conv2", out, out, 3, 3);
            shortcut = in == out ? null : new Conv(name + ".conv_shortcut", in, out, 1, 1);
        }

        @Override
        public Tensor apply(Tensor x) {
            Tensor y = scoped(() -> norm1.apply(x));
            y = then(y, conv1);
            y = then(y, norm2);
            y = then(y, conv2);
            y.add_(shortcut == null ? x : shortcut.apply(x));
            return y;
        }
    }

    /** One head over the pixels of each frame. */
    private final class Attention implements UnaryOperator<Tensor> {
        private final Norm norm;
        private final Conv toQkv, proj;
        private final int channels;

        Attention(String name, int channels) throws IOException {
            this.channels = channels;
            norm = new Norm(name + ".norm", channels, false);
            toQkv = new Conv(name + ".to_qkv", channels, 3 * channels, 1, 1);
            proj = new Conv(name + ".proj", channels, channels, 1, 1);
        }

        @Override
        public Tensor apply(Tensor x) {
            long frames = x.size(2), height = x.size(3), width = x.size(4);
            Tensor qkv = toQkv.apply(norm.apply(x))
                    .squeeze(0)
                    .permute(1, 2, 3, 0)
                    .reshape(frames, 1, height * width, 3L * channels);
            Tensor y = scaled_dot_product_attention(
                    qkv.narrow(3, 0, channels).contiguous(),
                    qkv.narrow(3, channels, channels).contiguous(),
                    qkv.narrow(3, 2L * channels, channels).contiguous());
            y = y.reshape(frames, height, width, channels)
                    .permute(3, 0, 1, 2)
                    .unsqueeze(0)
                    .contiguous();
            y = proj.apply(y);
            y.add_(x);
            return y;
        }
    }

    /** Doubles the frames, but never the first: its chunk passes, and is not in the cache of the next. */
    private final class TimeUpsample implements UnaryOperator<Tensor> {
        private final Conv conv;
        private final int channels;

        TimeUpsample(String name, int channels) throws IOException {
            this.channels = channels;
            conv = new Conv(name, channels, 2 * channels, 3, 1);
        }

        @Override
        public Tensor apply(Tensor x) {
            if (firstChunk) return x;
            long frames = x.size(2), height = x.size(3), width = x.size(4);
            return conv.apply(x)
                    .reshape(2, channels, frames, height, width)
                    .permute(1, 2, 0, 3, 4)
                    .reshape(1, channels, 2 * frames, height, width);
        }
    }

    private final class SpaceUpsample implements UnaryOperator<Tensor> {
        private final Conv conv;

        SpaceUpsample(String name, int channels) throws IOException {
            conv = new Conv(name, channels, channels / 2, 1, 3);
        }

        @Override
        public Tensor apply(Tensor x) {
            return conv.apply(upsample_nearest3d(x, x.size(2), 2 * x.size(3), 2 * x.size(4)));
        }
    }

    private Tensor tensor(String name, long... shape) throws IOException {
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
    private static Tensor kept(Supplier<Tensor> computation) {
        try (PointerScope scope = new PointerScope()) {
            Tensor result = computation.get();
            result.retainReference();
            return result;
        }
    }

    /** As {@link #kept}, but inside another computation the result is one of its intermediates. */
    private static Tensor scoped(Supplier<Tensor> computation) {
        Tensor result = kept(computation);
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            outer.attach(result);
            result.releaseReference();
        }
        return result;
    }

    /** Computes, frees {@code x} and every intermediate, and returns the result as {@link #scoped} does. */
    private static Tensor then(Tensor x, UnaryOperator<Tensor> computation) {
        Tensor result = scoped(() -> computation.apply(x));
        x.close();
        return result;
    }
}
