package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv3d;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu_;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.WanConfig;
import wanvae.tensorfile.TensorStore;

/**
 * The rival: parts of Wan 2.1's VAE in libtorch, chunk by chunk with diffusers' feature caches, tensors {@code
 * [1][C][T][H][W]} contiguous. Written to be as fast as libtorch allows: spatial padding by the convolutions
 * themselves, elementwise work in place, every intermediate freed as soon as it has been used.
 */
abstract class TorchNetwork extends TorchModel {
    static final long[] ONES = {1, 1, 1};

    final WanConfig config;
    final List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    boolean firstChunk = true;
    private final List<Conv> convs = new ArrayList<>();

    /** @throws IllegalArgumentException for Wan 2.2, whose residual blocks are not here */
    TorchNetwork(Checkpoint checkpoint, TensorStore weights, ScalarType type) {
        super(weights, type);
        if (!(checkpoint.config() instanceof WanConfig wan) || wan.isResidual())
            throw new IllegalArgumentException("the rival knows Wan 2.1 only");
        this.config = wan;
    }

    @Override
    final Tensor forward(Tensor in) {
        Tensor x = scoped(() -> layers.getFirst().apply(in.to(type)));
        for (UnaryOperator<Tensor> layer : layers.subList(1, layers.size())) x = then(x, layer);
        firstChunk = false;
        return then(x, y -> y.to(ScalarType.Float).contiguous());
    }

    @Override
    public final void close() {
        super.close();
        convs.forEach(conv -> {
            if (conv.past != null) conv.past.close();
        });
    }

    /** A causal convolution with its cache: the last {@code kt - 1} frames it has seen, zeros at first. */
    final class Conv implements UnaryOperator<Tensor> {
        private final Tensor weight;
        private final TensorOptional bias;
        private final long[] padding;
        private final long[] strides;
        private final int pastFrames;
        private Tensor past;

        Conv(String name, int in, int out, int kt, int k) throws IOException {
            this(name, in, out, kt, k, ONES);
        }

        /** @param strides in time, down and across; where the last two are 2, nothing is padded */
        Conv(String name, int in, int out, int kt, int k, long[] strides) throws IOException {
            weight = tensor(name + ".weight", out, in, kt, k, k);
            bias = new TensorOptional(tensor(name + ".bias", out));
            this.strides = strides;
            padding = strides[1] == 1 ? new long[] {0, k / 2, k / 2} : new long[] {0, 0, 0};
            pastFrames = kt - (int) strides[0];
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

        /** Has the last frame of x be the past of what comes next. */
        void remember(Tensor x) {
            past = kept(() -> x.narrow(2, x.size(2) - pastFrames, pastFrames).clone());
        }

        private Tensor convolve(Tensor x) {
            return conv3d(x, weight, bias, strides, padding, ONES, 1);
        }
    }

    /** {@code silu(x / max(|x|, 1e-12) * sqrt(C) * gamma)} ; the attention's norm goes without the SiLU. */
    final class Norm implements UnaryOperator<Tensor> {
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

    final class Resnet implements UnaryOperator<Tensor> {
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
    final class Attention implements UnaryOperator<Tensor> {
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
}
