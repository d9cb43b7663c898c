package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.Half;

/** The encoder of Wan 2.1 in libtorch. */
final class TorchEncoder extends TorchNetwork {
    /** Loads all weights of the encoder. */
    TorchEncoder(Checkpoint checkpoint, ScalarType type) throws IOException {
        super(checkpoint, checkpoint.half(Half.ENCODER), type);
        int stages = config.dimMult().size(), channels = config.encoderBaseDim(), flat = 0;
        layers.add(new Conv("encoder.conv_in", config.inChannels(), channels, 3, 3));
        for (int stage = 0; stage < stages; stage++) {
            int out = config.encoderBaseDim() * config.dimMult().get(stage);
            for (int j = 0; j < config.numResBlocks(); j++)
                layers.add(new Resnet("encoder.down_blocks." + flat++, j == 0 ? channels : out, out));
            channels = out;
            if (stage == stages - 1) break;
            String block = "encoder.down_blocks." + flat++;
            layers.add(new SpaceDownsample(block + ".resample.1", out));
            if (config.temporalDownsample().get(stage)) layers.add(new TimeDownsample(block + ".time_conv", out));
        }
        layers.add(new Resnet("encoder.mid_block.resnets.0", channels, channels));
        layers.add(new Attention("encoder.mid_block.attentions.0", channels));
        layers.add(new Resnet("encoder.mid_block.resnets.1", channels, channels));
        layers.add(new Norm("encoder.norm_out", channels, true));
        layers.add(new Conv("encoder.conv_out", channels, 2 * config.zDim(), 3, 3));
        layers.add(new Conv("quant_conv", 2 * config.zDim(), 2 * config.zDim(), 1, 1));
    }

    /**
     * Encodes the first frame, or the next four.
     *
     * @param x {@code [1][3][1 or 4][H][W]} float32; stays the caller's
     * @return moments, {@code [1][2z][1][H/8][W/8]} float32; the caller closes it
     */
    Tensor encode(Tensor x) {
        return forward(x);
    }

    /** A row of zeros below and a column at the right, then stride 2. */
    private final class SpaceDownsample implements UnaryOperator<Tensor> {
        private final Conv conv;

        SpaceDownsample(String name, int channels) throws IOException {
            conv = new Conv(name, channels, channels, 1, 3, new long[] {1, 2, 2});
        }

        @Override
        public Tensor apply(Tensor x) {
            return conv.apply(constant_pad_nd(x, new long[] {0, 1, 0, 1}));
        }
    }

    /** Halves the frames, but never the first: its chunk passes, and is the past of the next. */
    private final class TimeDownsample implements UnaryOperator<Tensor> {
        private final Conv conv;

        TimeDownsample(String name, int channels) throws IOException {
            conv = new Conv(name, channels, channels, 3, 1, new long[] {2, 1, 1});
        }

        @Override
        public Tensor apply(Tensor x) {
            if (!firstChunk) return conv.apply(x);
            conv.remember(x);
            return x.clone();
        }
    }
}
