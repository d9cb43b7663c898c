package wanvae.checkpoint.tae;

import java.util.List;
import java.util.Map;
import wanvae.checkpoint.format.TensorShapes;
import wanvae.config.Half;
import wanvae.config.TaeConfig;

/**
 * The tensors of a tiny autoencoder, from its configuration alone. They are called by their numbers in the sequences of
 * {@code taehv.py}, wherever they come from.
 */
public final class TaeTensors {
    /** A name that all decoders of this family have: the bias of the last convolution. */
    public static final List<String> MARKS = List.of("decoder.22.bias");

    private static final int BLOCKS = 3, COLOURS = 3;

    private TaeTensors() {}

    /** Name and shape of every tensor of the decoder, in the order of the computation. */
    public static Map<String, long[]> decoder(TaeConfig config) {
        var shapes = new TensorShapes();
        if (config.isSuper()) superDecoder(shapes, config);
        else decoder(shapes, config);
        shapes.conv("decoder.22", pixels(config), config.widths().getLast(), 3, 3);
        return shapes.all();
    }

    private static void decoder(TensorShapes shapes, TaeConfig config) {
        shapes.conv("decoder.1", config.widths().getFirst(), config.latentChannels(), 3, 3);
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            int width = config.widths().get(stage), first = 3 + 6 * stage;
            for (int i = 0; i < BLOCKS; i++) block(shapes, "decoder." + (first + i), width);
            shapes.put(
                    "decoder." + (first + 4) + ".conv.weight",
                    (long) config.growth().get(stage) * width,
                    width,
                    1,
                    1);
            shapes.put("decoder." + (first + 5) + ".weight", config.widths().get(stage + 1), width, 3, 3);
        }
    }

    private static void superDecoder(TensorShapes shapes, TaeConfig config) {
        shapes.put("decoder.0.weight", config.widths().getFirst(), config.latentChannels(), 1, 1);
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            int width = config.widths().get(stage), next = config.widths().get(stage + 1), first = 1 + 7 * stage;
            for (int i = 0; i < BLOCKS; i++) {
                String name = "decoder." + (first + i) + ".conv.";
                shapes.put(name + "0.weight", 2L * width, 1, 7, 7);
                shapes.conv(name + "1", 4L * width, 2L * width, 1, 1);
                shapes.put(name + "3.weight", width, 4L * width, 1, 1);
            }
            shapes.conv("decoder." + (first + 3), 4L * next, width, 3, 3);
            shapes.put(
                    "decoder." + (first + 6) + ".conv.weight",
                    (long) config.growth().get(stage) * next,
                    next,
                    1,
                    1);
        }
    }

    /** Name and shape of every tensor of the encoder, in the order of the computation. */
    public static Map<String, long[]> encoder(TaeConfig config) {
        var shapes = new TensorShapes();
        int width = config.encoderWidth();
        shapes.conv("encoder.0", width, pixels(config), 3, 3);
        for (int stage = 0; stage < TaeConfig.STAGES; stage++) {
            int first = 2 + 5 * stage;
            shapes.put(
                    "encoder." + first + ".conv.weight",
                    width,
                    (long) config.pooling().get(stage) * width,
                    1,
                    1);
            shapes.put("encoder." + (first + 1) + ".weight", width, width, 3, 3);
            for (int i = 0; i < BLOCKS; i++) block(shapes, "encoder." + (first + 2 + i), width);
        }
        shapes.conv("encoder.17", config.latentChannels(), width, 3, 3);
        return shapes.all();
    }

    private static void block(TensorShapes shapes, String name, long width) {
        shapes.conv(name + ".conv.0", width, 2 * width, 3, 3);
        shapes.conv(name + ".conv.2", width, width, 3, 3);
        shapes.conv(name + ".conv.4", width, width, 3, 3);
    }

    /** Channels of a patch of pixels. */
    private static long pixels(TaeConfig config) {
        return (long) COLOURS * config.patchSize() * config.patchSize();
    }

    /** The values that the shapes of a half follow from, under their names in a configuration. */
    public static String describe(TaeConfig config, Half half) {
        return half == Half.DECODER
                ? "latent_channels " + config.latentChannels() + ", patch_size " + config.patchSize() + ", widths "
                        + config.widths() + ", growth " + config.growth() + (config.isSuper() ? ", super" : "")
                : "latent_channels " + config.latentChannels() + ", patch_size " + config.patchSize()
                        + ", encoder_width " + config.encoderWidth() + ", pooling " + config.pooling();
    }
}
