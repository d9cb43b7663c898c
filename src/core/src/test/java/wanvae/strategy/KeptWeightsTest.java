package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import wanvae.kernel.Border;
import wanvae.kernel.Convolution;
import wanvae.kernel.Frames;
import wanvae.kernel.WinogradConv;
import wanvae.latent.LatentShape;
import wanvae.model.ConvLayer;

/** Which layers keep their transformed weights. */
class KeptWeightsTest {
    /** Three layers: their transformed weights take 2, 43 and 170 MB. */
    private static final int[] CHANNELS = {48, 192, 384};

    @Test
    void theWidestLayersKeepTheirsOnlyForManyGroups() {
        Convolution[] layers = new Convolution[CHANNELS.length];
        for (int i = 0; i < layers.length; i++)
            layers[i] = WinogradConv.dry(CHANNELS[i], CHANNELS[i], 3, false, Border.ZEROS);
        long few = layers[0].transformedBytes(),
                most = few + layers[1].transformedBytes(),
                all = most + layers[2].transformedBytes();

        MemoryNeeds clip = needs(layers, 1, 5, 8);
        assertEquals(most, clip.keptBytes());
        assertEquals(few, Planner.keepingFew(clip).keptBytes());
        assertEquals(all, Planner.keepingAll(clip).keptBytes());
        assertEquals(most, needs(layers, 1, 28, 8).keptBytes());
        assertEquals(all, needs(layers, 1, 29, 8).keptBytes());
        assertEquals(all, needs(layers, 4, 5, 8).keptBytes());

        assertEquals(0, needs(layers, 1, 1, 8).keptBytes());
        assertEquals(0, Planner.keepingAll(needs(layers, 9, 1, 8)).keptBytes());

        // Six frames of 384 channels and the four of their result are 4.5 GB.
        MemoryNeeds large = needs(layers, 4, 29, 544);
        assertEquals(few, large.keptBytes());
        assertEquals(few, Planner.keepingAll(large).keptBytes());
    }

    private static MemoryNeeds needs(Convolution[] layers, int members, int frames, int side) {
        return Planner.keepingUsual(MemoryNeeds.ofStream(
                new LatentShape(members, 16, frames, side, side), 4, (context, clip) -> {
                    for (int i = 0; i < layers.length; i++) {
                        Frames in = context.frames(6, side, side, CHANNELS[i]),
                                out = context.frames(4, side, side, CHANNELS[i]);
                        ConvLayer layer = new ConvLayer(layers[i], null);
                        context.run(layer, in, layer.to(out));
                        context.release(in);
                        context.release(out);
                    }
                }));
    }
}
