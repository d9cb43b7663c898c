package wanvae.bench;

import static org.bytedeco.pytorch.global.torch.upsample_nearest3d;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import wanvae.checkpoint.Checkpoint;

/** The decoder of Wan 2.1 in libtorch; upsampling and its convolution take the whole chunk. */
final class TorchDecoder extends TorchNetwork {
    /** Loads all weights. */
    TorchDecoder(Checkpoint weights, ScalarType type) throws IOException {
        super(weights, weights, type);
        int stages = config.dimMult().size();
        int channels = config.decoderBaseDim() * config.dimMult().get(stages - 1);
        layers.add(new Conv("post_quant_conv", config.zDim(), config.zDim(), 1, 1));
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
}
