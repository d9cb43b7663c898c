package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.Tiling;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorInfo;

/**
 * VAEs whose last convolution makes something else than RGB: an alpha channel, or the pixels of a picture twice as
 * large. Their channels are copies of an RGB model's, whose pictures tell what is to be expected.
 */
class ImageChannelsTest {
    private static final WanConfig RGB = Models.wan21(4, 1);
    private static final LatentShape SHAPE = new LatentShape(2, 16, 3, 5, 6);
    private static final Latents LATENTS = GeneratedWeights.latents(SHAPE, 5);
    private static final DecodeOptions PLAIN = DecodeOptions.DEFAULT.withClamp(false);
    private static final DecodeOptions TILED = PLAIN.withTiling(Tiling.of(32, 32, 16, 24));

    /** The weights of the RGB model, with a last convolution whose channel {@code c} is one of its three. */
    private record Copies(GeneratedWeights rgb, WanConfig config, IntUnaryOperator channel) implements Checkpoint {
        Copies(int outChannels, int patch, IntUnaryOperator channel) {
            this(
                    new GeneratedWeights(RGB, 1),
                    new WanConfig(
                            RGB.className(),
                            RGB.decoderBaseDim(),
                            RGB.zDim(),
                            RGB.dimMult(),
                            RGB.numResBlocks(),
                            RGB.temporalUpsample(),
                            RGB.latentsMean(),
                            RGB.latentsStd(),
                            false,
                            outChannels,
                            patch),
                    channel);
        }

        @Override
        public Path path() {
            return rgb.path();
        }

        @Override
        public Map<String, TensorInfo> tensors() {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>(rgb.tensors());
            tensors.replaceAll((name, info) -> {
                if (!name.startsWith("decoder.conv_out")) return info;
                long[] shape = info.shape().clone();
                shape[0] = config.outChannels();
                return new TensorInfo(name, DType.F32, shape);
            });
            return tensors;
        }

        @Override
        public void read(String name, MemorySegment target) throws IOException {
            if (!name.startsWith("decoder.conv_out")) {
                rgb.read(name, target);
                return;
            }
            float[] three = new float[(int) rgb.tensors().get(name).elements()];
            rgb.read(name, MemorySegment.ofArray(three));
            int size = three.length / 3;
            for (int c = 0; c < config.outChannels(); c++) {
                MemorySegment.copy(
                        three, channel.applyAsInt(c) * size, target, ValueLayout.JAVA_FLOAT, 4L * c * size, size);
                if (name.endsWith("bias"))
                    target.setAtIndex(ValueLayout.JAVA_FLOAT, c, three[channel.applyAsInt(c)] + c % 4 / 4f);
            }
        }

        @Override
        public void close() {}
    }

    private static CollectingSink decode(Checkpoint weights, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withWarmUp(false))) {
            VaeConfig config = vae.config();
            assertEquals(
                    new VideoShape(2, 9, 5 * config.spatialScale(), 6 * config.spatialScale(), config.imageChannels()),
                    vae.plan(LATENTS, options).video());
            vae.decode(LATENTS, sink, options);
        }
        return sink;
    }

    /** Sample {@code [b][c][f][y][x]}. */
    private static float at(CollectingSink sink, int b, int c, int f, int y, int x) {
        VideoShape s = sink.shape;
        return sink.samples[(((b * s.channels() + c) * s.frames() + f) * s.height() + y) * s.width() + x];
    }

    @Test
    void alphaIsAFourthChannel() throws IOException {
        Checkpoint weights = new Copies(4, 1, c -> c == 3 ? 1 : c);
        for (DecodeOptions options : new DecodeOptions[] {PLAIN, TILED}) {
            CollectingSink rgb = decode(new GeneratedWeights(RGB, 1), options), rgba = decode(weights, options);
            for (int b = 0; b < 2; b++)
                for (int c = 0; c < 4; c++)
                    for (int f = 0; f < 9; f++)
                        for (int y = 0; y < 40; y++)
                            for (int x = 0; x < 48; x++)
                                assertEquals(
                                        at(rgb, b, c == 3 ? 1 : c, f, y, x) + c / 4f, at(rgba, b, c, f, y, x), 1e-5);
        }
    }

    /** As {@code pixel_shuffle(out, 2)} of PyTorch: channel (c · 2 + i) · 2 + j becomes pixel (2y + i, 2x + j). */
    @Test
    void channelsBecomePixelsOfAPictureTwiceAsLarge() throws IOException {
        Checkpoint weights = new Copies(12, 2, c -> c / 4);
        CollectingSink rgb = decode(new GeneratedWeights(RGB, 1), PLAIN), large = decode(weights, PLAIN);
        for (int b = 0; b < 2; b++)
            for (int c = 0; c < 3; c++)
                for (int f = 0; f < 9; f++)
                    for (int y = 0; y < 80; y++)
                        for (int x = 0; x < 96; x++)
                            assertEquals(
                                    at(rgb, b, c, f, y / 2, x / 2) + (y % 2 * 2 + x % 2) / 4f,
                                    at(large, b, c, f, y, x),
                                    1e-5);
    }

    @Test
    void thePlanDoesNotChangeTheBits() throws IOException {
        for (Checkpoint weights : new Checkpoint[] {new Copies(4, 1, c -> c % 3), new Copies(12, 2, c -> c / 4)}) {
            CollectingSink whole = decode(weights, PLAIN);
            long least;
            try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withWarmUp(false))) {
                long usual = vae.plan(LATENTS, PLAIN).memory();
                least = usual;
                for (long limit = usual; limit > usual / 2; limit -= usual / 64) {
                    long memory =
                            vae.plan(LATENTS, PLAIN.withMemoryLimitBytes(limit)).memory();
                    if (memory <= limit) least = limit;
                }
            }
            assertArrayEquals(whole.samples, decode(weights, PLAIN.withMemoryLimitBytes(least)).samples);
            assertArrayEquals(whole.samples, decode(weights, PLAIN.withThreads(1)).samples);
        }
    }
}
