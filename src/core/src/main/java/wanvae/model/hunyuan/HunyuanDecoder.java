package wanvae.model.hunyuan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wanvae.config.HunyuanConfig;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.latent.LatentShape;
import wanvae.model.FrameConsumer;
import wanvae.model.GroupNormWeights;
import wanvae.model.LatentSource;
import wanvae.model.Pass;
import wanvae.model.VaeDecoder;
import wanvae.model.Weights;

/**
 * The decoder of HunyuanVideo: post_quant_conv, conv_in, mid_block, up_blocks, conv_norm_out, conv_out. Its group norms
 * mix all frames, so all frames of a decode go together, layer by layer; there is no feature cache. Before the first
 * frame, and around every frame, edges are repeated.
 */
public final class HunyuanDecoder implements VaeDecoder {
    private final HunyuanConfig config;
    private final Convolution postQuant, convIn, convOut;
    private final MemorySegment postQuantBias, convInBias, convOutBias;
    private final GroupNormWeights normOut;
    private final HunyuanResnet mid0, mid1;
    private final HunyuanAttention attention;
    private final List<UpBlock> blocks = new ArrayList<>();

    /**
     * Residual blocks, then the enlargement, causal in time: the first frame is not doubled. {@code upsampler} is null
     * where there is none.
     */
    private record UpBlock(
            List<HunyuanResnet> resnets,
            Convolution upsampler,
            MemorySegment bias,
            int width,
            boolean space,
            boolean time) {}

    /** Reads and packs the weights. */
    public HunyuanDecoder(Weights weights, HunyuanConfig config) throws IOException {
        this.config = config;
        int groups = config.normNumGroups();
        List<Integer> widths = config.blockOutChannels().reversed();
        postQuant = weights.pointwise("post_quant_conv.weight");
        postQuantBias = weights.vector("post_quant_conv.bias");
        convIn = weights.replicating("decoder.conv_in.conv.weight", false);
        convInBias = weights.vector("decoder.conv_in.conv.bias");
        mid0 = new HunyuanResnet(weights, "decoder.mid_block.resnets.0", groups, widths.getFirst());
        attention = config.midBlockAddAttention()
                ? new HunyuanAttention(weights, "decoder.mid_block.attentions.0", groups, widths.getFirst())
                : null;
        mid1 = new HunyuanResnet(weights, "decoder.mid_block.resnets.1", groups, widths.getFirst());
        for (int i = 0; i < widths.size(); i++) {
            String name = "decoder.up_blocks." + i, upsampler = name + ".upsamplers.0.conv.conv";
            List<HunyuanResnet> resnets = new ArrayList<>();
            for (int j = 0; j <= config.layersPerBlock(); j++)
                resnets.add(new HunyuanResnet(weights, name + ".resnets." + j, groups, widths.get(i)));
            boolean space = config.upsamplesSpace(i), time = config.upsamplesTime(i), enlarges = space || time;
            blocks.add(new UpBlock(
                    resnets,
                    enlarges ? weights.replicating(upsampler + ".weight", space) : null,
                    enlarges ? weights.vector(upsampler + ".bias") : null,
                    widths.get(i),
                    space,
                    time));
        }
        normOut = new GroupNormWeights(weights, "decoder.conv_norm_out", groups);
        convOut = weights.replicating("decoder.conv_out.conv.weight", false);
        convOutBias = weights.vector("decoder.conv_out.conv.bias");
    }

    @Override
    public HunyuanConfig config() {
        return config;
    }

    /**
     * Decodes one member, all frames at once.
     *
     * @param latent fills a frame of {@code [H][W][C]} with a latent frame (not called in rehearsals)
     */
    public void decode(Pass pass, LatentShape shape, LatentSource latent, FrameConsumer consumer) throws IOException {
        Frames z = pass.frames(shape.frames(), shape.height(), shape.width(), config.latentChannels());
        if (!pass.isRehearsal()) for (int f = 0; f < z.count(); f++) latent.read(f, z.frames()[f]);
        Frames quantised = pass.frames(z.count(), z.height(), z.width(), config.latentChannels());
        pass.run(postQuant, z, Epilogue.plain(postQuantBias, quantised));
        pass.release(z);
        Measured x = Measured.allocate(
                pass, z.count(), z.height(), z.width(), blocks.getFirst().width(), config.normNumGroups());
        pass.run(convIn, behindItself(quantised), x.gathering(convInBias, null));
        pass.release(quantised);
        x = mid0.forward(pass, x, true);
        if (attention != null) x = attention.forward(pass, x);
        x = mid1.forward(pass, x, true);
        for (int i = 0; i < blocks.size(); i++) x = up(pass, blocks.get(i), x);
        Frames out =
                pass.frames(x.frames().count(), x.frames().height(), x.frames().width(), 3);
        pass.run(convOut, behindItself(x.frames()), normOut, x.moments(), true, Epilogue.plain(convOutBias, out));
        x.release(pass);
        if (!pass.isRehearsal()) consumer.accept(0, out);
        pass.release(out);
    }

    /** Takes x over. */
    private Measured up(Pass pass, UpBlock block, Measured x) {
        for (int j = 0; j < block.resnets().size(); j++)
            x = block.resnets().get(j).forward(pass, x, j + 1 < block.resnets().size() || block.upsampler() == null);
        if (block.upsampler() == null) return x;
        int scale = block.space() ? 2 : 1;
        Frames in = behindItself(block.time() ? doubled(x.frames()) : x.frames());
        Measured y = Measured.allocate(
                pass, in.count() - 2, scale * in.height(), scale * in.width(), block.width(), config.normNumGroups());
        pass.run(block.upsampler(), in, y.gathering(block.bias(), null));
        x.release(pass);
        return y;
    }

    /** The frames behind two copies of the first one: the past of a causal convolution. */
    public static Frames behindItself(Frames x) {
        MemorySegment[] all = new MemorySegment[2 + x.count()];
        Arrays.fill(all, 0, 2, x.frames()[0]);
        System.arraycopy(x.frames(), 0, all, 2, x.count());
        return new Frames(all, x.height(), x.width(), x.channels());
    }

    /** Every frame twice, but the first one once: {@code f0, f1, f1, f2, f2, …} */
    private static Frames doubled(Frames x) {
        MemorySegment[] all = new MemorySegment[2 * x.count() - 1];
        for (int i = 0; i < all.length; i++) all[i] = x.frames()[(i + 1) / 2];
        return new Frames(all, x.height(), x.width(), x.channels());
    }
}
