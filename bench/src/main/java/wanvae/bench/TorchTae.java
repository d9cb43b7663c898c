package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.relu_;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.TaeConfig;

/**
 * The rival: the decoder of {@code taew2_1} in libtorch, a latent frame at a time as the reference streams, tensors
 * {@code [T][C][H][W]} contiguous, ReLU in place. TGrow goes before the enlargement that it follows, which gives the same
 * values for a quarter of the work.
 */
final class TorchTae extends TorchModel {
    private static final long[] ONES = {1, 1};

    private final TaeConfig config;
    private final Conv first, last;
    private final List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private boolean begun;

    TorchTae(Checkpoint weights, ScalarType type) throws IOException {
        super(weights, type);
        config = (TaeConfig) weights.config();
        if (config.isSuper() || config.patchSize() > 1)
            throw new IllegalArgumentException("the rival decodes taew2_1 only");
        first = new Conv("decoder.1", config.latentChannels(), config.widths().getFirst(), 3, true);
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            int number = 3 + 6 * stage, width = config.widths().get(stage), factor = config.factorT(stage);
            for (int i = 0; i < 3; i++) {
                Block block = new Block("decoder." + (number + i) + ".conv.", width);
                blocks.add(block);
                layers.add(block);
            }
            Conv grow = new Conv("decoder." + (number + 4) + ".conv", width, factor * width, 1, false);
            Conv conv =
                    new Conv("decoder." + (number + 5), width, config.widths().get(stage + 1), 3, false);
            layers.add(x -> {
                Tensor y = grow.apply(x).reshape(-1, width, x.size(2), x.size(3));
                return conv.apply(upsample_nearest2d(y, 2 * x.size(2), 2 * x.size(3)));
            });
        }
        last = new Conv("decoder.22", config.widths().getLast(), 3, 3, true);
    }

    @Override
    Tensor forward(Tensor z) {
        Scalar three = new Scalar(3.0);
        Tensor x = scoped(
                () -> relu(first.apply(z.squeeze(2).to(type).div(three).tanh().mul(three))));
        for (UnaryOperator<Tensor> layer : layers) x = then(x, layer);
        int skipped = begun ? 0 : config.trimmedFrames();
        begun = true;
        return then(
                x,
                y -> last.apply(relu(y.narrow(0, skipped, y.size(0) - skipped).contiguous()))
                        .to(ScalarType.Float)
                        .mul(new Scalar(2.0))
                        .sub(new Scalar(1.0))
                        .permute(1, 0, 2, 3)
                        .unsqueeze(0)
                        .contiguous());
    }

    /** In place; the result of libtorch's own is a bare alias. */
    private static Tensor relu(Tensor x) {
        relu_(x);
        return x;
    }

    @Override
    public void close() {
        super.close();
        for (Block block : blocks) if (block.past != null) block.past.close();
    }

    private final class Conv implements UnaryOperator<Tensor> {
        private final Tensor weight;
        private final TensorOptional bias;
        private final long[] padding;

        Conv(String name, int in, int out, int k, boolean hasBias) throws IOException {
            weight = tensor(name + ".weight", out, in, k, k);
            bias = hasBias ? new TensorOptional(tensor(name + ".bias", out)) : new TensorOptional();
            padding = new long[] {k / 2, k / 2};
        }

        @Override
        public Tensor apply(Tensor x) {
            return conv2d(x, weight, bias, ONES, padding, ONES, 1);
        }
    }

    /** {@code MemBlock}: its past is the last frame it has seen. */
    private final class Block implements UnaryOperator<Tensor> {
        private final Conv one, two, three;
        private Tensor past;

        Block(String name, int width) throws IOException {
            one = new Conv(name + "0", 2 * width, width, 3, true);
            two = new Conv(name + "2", width, width, 3, true);
            three = new Conv(name + "4", width, width, 3, true);
        }

        @Override
        public Tensor apply(Tensor x) {
            if (past == null) past = kept(() -> x.new_zeros(1, x.size(1), x.size(2), x.size(3)));
            Tensor before =
                    x.size(0) == 1 ? past : scoped(() -> cat(new TensorVector(past, x.narrow(0, 0, x.size(0) - 1)), 0));
            Tensor both = scoped(() -> cat(new TensorVector(x, before), 1));
            Tensor y = then(both, v -> relu(one.apply(v)));
            y = then(y, v -> relu(two.apply(v)));
            y = then(y, v -> {
                Tensor sum = three.apply(v);
                sum.add_(x);
                return relu(sum);
            });
            Tensor old = past;
            past = kept(() -> x.narrow(0, x.size(0) - 1, 1).clone());
            old.close();
            return y;
        }
    }
}
