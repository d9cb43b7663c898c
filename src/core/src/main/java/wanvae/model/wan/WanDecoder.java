package wanvae.model.wan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.config.WanConfig;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.Feature;
import wanvae.model.FrameConsumer;
import wanvae.model.LatentSource;
import wanvae.model.Layout;
import wanvae.model.Pass;
import wanvae.model.VaeDecoder;
import wanvae.model.Weights;

/**
 * The decoder of Wan 2.1, Wan 2.2 and Qwen-Image: post_quant_conv, conv_in, mid_block, the stages, norm_out, conv_out.
 *
 * <p>The first latent frame goes alone, as in the reference. From the second on any chunking gives the same result, so
 * latent frames go four at a time through the first stage, and at each later stage frames go four at a time too: the
 * temporal transforms are made for four, and memory does not grow with the clip.
 */
public final class WanDecoder implements VaeDecoder {
    /** Frames that go through a stage together. */
    public static final int GROUP = 4;

    private static final long BAND_BYTES = 32L << 20;
    private static final int MOST_BANDS = 8;

    private final WanConfig config;
    private final Convolution postQuant, convIn, convOut;
    private final MemorySegment postQuantBias, convInBias, normOut, convOutBias, noBias;
    private final ResidualBlock mid0, mid1;
    private final AttentionBlock attention;
    private final List<Stage> stages = new ArrayList<>();
    private final int midWidth, firstBanded;

    /** Reads and packs the weights. */
    public WanDecoder(Weights weights, WanConfig config) throws IOException {
        this.config = config;
        int count = config.dimMult().size(), base = config.decoderBaseDim();
        midWidth = base * config.dimMult().getLast();
        postQuant = weights.pointwise("post_quant_conv.weight");
        postQuantBias = weights.vector("post_quant_conv.bias");
        convIn = weights.conv3x3("decoder.conv_in.weight", false);
        convInBias = weights.vector("decoder.conv_in.bias");
        mid0 = new ResidualBlock(weights, "decoder.mid_block.resnets.0", midWidth);
        attention = new AttentionBlock(weights, "decoder.mid_block.attentions.0", midWidth);
        mid1 = new ResidualBlock(weights, "decoder.mid_block.resnets.1", midWidth);
        int before = midWidth;
        for (int i = 0; i < count; i++) {
            int width = base * config.dimMult().get(count - 1 - i);
            boolean doubled = i > 0 && config.temporalUpsample().get(i - 1);
            stages.add(new Stage(
                    weights,
                    i,
                    config.numResBlocks() + 1,
                    width,
                    before,
                    doubled ? 2 : 1,
                    config.isResidual() ? before : before / 2,
                    config.isResidual()));
            before = width;
        }
        firstBanded = Math.max(1, config.temporalUpsample().lastIndexOf(true) + 1);
        normOut = weights.vector("decoder.norm_out.gamma");
        convOut = weights.parts("decoder.conv_out.weight");
        convOutBias = weights.vector("decoder.conv_out.bias");
        noBias = weights.zeros(3 * config.outChannels());
    }

    @Override
    public WanConfig config() {
        return config;
    }

    /** All of the picture that conv_out makes of latents of this shape. */
    public Window picture(LatentShape shape) {
        return Window.whole(shape.height() << stages.size() - 1, shape.width() << stages.size() - 1);
    }

    /** Bands of rows in which the last stages' frames are small. */
    public int bands(LatentShape shape) {
        Window picture = picture(shape);
        long bytes =
                Frames.bytes(picture.height(), picture.width(), stages.getLast().width());
        return Math.clamp(Math.ceilDiv(bytes, BAND_BYTES), 1, MOST_BANDS);
    }

    /**
     * Lays out how the stages from number {@code cut} on make a window of the picture. The last one goes in bands of
     * rows. Of a single picture all go so that do not double in time; with several, the larger caches of the bands
     * would take more than the smaller frames save.
     *
     * @param frames of the latents
     * @param room   shared by all splits of a decode
     * @param window its edges inside the picture at even rows
     * @param wanted so many bands, or fewer: each is higher than the layers reach beyond it
     */
    public Split split(int frames, Layout.Room room, int cut, Window window, int wanted) {
        int banded = frames == 1 ? Math.max(cut, firstBanded) : stages.size() - 1,
                aligned = aligned(banded),
                reach = reach(banded, aligned);
        int rows = window.height() + reach, count = Math.clamp(rows / (reach + aligned), 1, wanted);
        List<Layout> bands = new ArrayList<>();
        Window entry = null;
        for (int i = 0, top = 0; i < count; i++) {
            // The layers of the first band reach down beyond it, so it is lower than the others by that.
            int bottom = i == count - 1
                    ? window.height()
                    : (window.y() + rows * (i + 1) / count - reach + aligned / 2) / aligned * aligned
                            - aligned / 2
                            - window.y();
            Layout band = new Layout(room, i == 0 ? null : bands.getLast());
            Window needed = layOut(band, banded, window.from(window.y() + top).above(window.y() + bottom));
            entry = entry == null ? needed : entry.union(needed);
            bands.add(band);
            top = bottom;
        }
        Layout earlier = new Layout(room, null);
        for (int i = banded - 1; i >= cut; i--) entry = stages.get(i).layOut(earlier, entry);
        room.need(entry);
        return new Split(entry, banded, earlier, bands);
    }

    /**
     * Bands end so many rows from one another or a multiple of it: whole tiles of any convolution from a stage on,
     * which have 4, 6 or 8 rows.
     */
    private int aligned(int from) {
        return stages.subList(from, stages.size()).stream().anyMatch(Stage::hasTallTiles) ? 24 : 8;
    }

    /** Whole pictures. */
    public Split split(LatentShape shape, int bands) {
        return split(shape.frames(), new Layout.Room(), 1, picture(shape), bands);
    }

    /**
     * Adds all layers from a stage on. @return what it needs of what it is handed, where this window of the picture is
     * wanted
     */
    private Window layOut(Layout layout, int from, Window window) {
        Window needed = convOut.reads(layout.add(convOut, window));
        for (int i = stages.size() - 1; i >= from; i--) needed = stages.get(i).layOut(layout, needed);
        return needed;
    }

    /** How many rows of the picture the layers from a stage on reach beyond a window of it. */
    private int reach(int from, int aligned) {
        int far = aligned << 16;
        Window needed = layOut(
                new Layout(new Layout.Room(), null), from, new Window(far, far, aligned, aligned, 2 * far, 2 * far));
        return far - (needed.y() << stages.size() - from);
    }

    /** Takes what the stages before hand on to stage number cut. */
    @FunctionalInterface
    public interface CarryConsumer {
        /**
         * @param carry whose frames are the consumer's now
         * @param first whether this is the first chunk, of a single frame
         * @param frame number of the first frame of the video that comes of it
         */
        void accept(Stage.Carry carry, boolean first, int frame) throws IOException;
    }

    /**
     * The way of one member through some stages.
     *
     * @param split where the stages compute windows; null: whole pictures
     * @param end   the stages before this number are gone through
     * @param carry takes what they hand on, unless they are all
     * @param out   takes the frames, if they are all
     */
    private record Way(Pass pass, Split split, int end, CarryConsumer carry, FrameConsumer out) {}

    /** Number of stages. */
    public int stages() {
        return stages.size();
    }

    /** Decodes one member, all of every picture at once. See {@link #begin}. */
    public void decode(Pass pass, LatentShape shape, Split split, LatentSource latent, FrameConsumer consumer)
            throws IOException {
        begin(new Way(pass, split, stages.size(), null, consumer), shape, latent);
    }

    /**
     * Takes all frames of one member, whole pictures, through everything before stage number {@code end}.
     *
     * @param latent fills a frame of {@code [H][W][z_dim]} with a latent frame (not called in rehearsals)
     */
    public void begin(Pass pass, LatentShape shape, int end, LatentSource latent, CarryConsumer consumer)
            throws IOException {
        begin(new Way(pass, null, end, consumer, null), shape, latent);
    }

    private void begin(Way way, LatentShape shape, LatentSource latent) throws IOException {
        Pass pass = way.pass;
        if (shape.frames() == 1) pass.forget();
        int frame = 0;
        for (int f = 0; f < shape.frames(); ) {
            int count = f == 0 ? 1 : Math.min(GROUP, shape.frames() - f);
            pass.enter(null);
            Frames z = pass.frames(count, shape.height(), shape.width(), config.zDim());
            if (!pass.isRehearsal()) for (int i = 0; i < count; i++) latent.read(f + i, z.frames()[i]);
            onward(way, 1, stages.getFirst().forward(pass, beginning(pass, z)), f == 0, frame);
            frame += f == 0 ? 1 : config.temporalScale() * count;
            f += count;
        }
        pass.end();
    }

    /**
     * Takes a group of frames through the stages from number {@code index} on. Groups come in order, all as large as
     * {@link #group} says but the first and the last; at the end the pass is ended by the caller.
     *
     * @param carry of the split's entry; taken over
     */
    public void finish(
            Pass pass, int index, Stage.Carry carry, Split split, boolean first, int frame, FrameConsumer consumer)
            throws IOException {
        onward(new Way(pass, split, stages.size(), null, consumer), index, carry, first, frame);
    }

    /** Frames that are handed to a stage together, behind the first one. */
    public int group(int index) {
        return GROUP / stages.get(index).factorT();
    }

    /** Frames that are handed to a stage for each latent frame behind the first one. */
    public int framesOfLatent(int index) {
        return config.temporalScale() / stages.get(index).factorT() / framesOfOne(index);
    }

    /** Number of the first frame of the video that comes of frame {@code i} that a stage is handed. */
    public int firstFrame(int index, int i) {
        return i == 0 ? 0 : 1 + (i - 1) * stages.get(index).factorT() * framesOfOne(index);
    }

    /** Channels of what is handed to a stage, and of the shortcut beside it (0: there is none). */
    public int[] carried(int index) {
        return new int[] {
            stages.get(index - 1).width(),
            config.isResidual() ? index == 1 ? midWidth : stages.get(index - 2).width() : 0
        };
    }

    /** post_quant_conv, conv_in and mid_block. */
    private Feature beginning(Pass pass, Frames z) {
        Frames quantised = pass.causalFrames(z.count(), z.window(), config.zDim());
        pass.run(postQuant, z, Epilogue.plain(postQuantBias, quantised));
        pass.release(z);
        Feature x = mid0.wants().allocate(pass, null, z.count(), z.window(), midWidth);
        pass.runCausal(convIn, quantised, mid0.wants().epilogue(convInBias, null, x, z.window()));
        x = mid0.forward(pass, x, false, attention.wants());
        x = attention.forward(pass, x, mid1.wants());
        return mid1.forward(pass, x, false, stages.getFirst().wants());
    }

    /** Takes what a stage handed on to the next one, or to whoever wants it. */
    private void onward(Way way, int index, Stage.Carry carry, boolean first, int frame) throws IOException {
        if (index == way.end) way.carry.accept(carry, first, frame);
        else stage(way, index, carry, first, frame);
    }

    /** Goes through a stage and those behind it, a few frames at a time. */
    private void stage(Way way, int index, Stage.Carry carry, boolean first, int frame) throws IOException {
        Pass pass = way.pass;
        Stage stage = stages.get(index);
        int frames = (first ? 1 : stage.factorT()) * carry.frames().count(), made = first ? 1 : framesOfOne(index);
        int banded = way.split == null ? stages.size() : way.split.banded(),
                bands = index == banded ? way.split.bands().size() : 1;
        for (int from = 0; from < frames; from += GROUP) {
            if (index <= banded) pass.enter(way.split == null ? null : way.split.stages());
            Frames in = stage.timed(pass, carry, from, Math.min(frames, from + GROUP), first);
            for (int band = 0; band < bands; band++) {
                if (index == banded) pass.enter(way.split.bands().get(band));
                Feature x = stage.enlarge(pass, in, carry, from, first);
                if (band == bands - 1) pass.release(in);
                if (index < stages.size() - 1)
                    onward(way, index + 1, stage.forward(pass, x), first, frame + from * made);
                else
                    ending(
                            pass,
                            stage.blocks(pass, x, new Wanted(false, normOut, true, false), false)
                                    .activated(),
                            frame + from,
                            way.out);
            }
        }
        pass.release(carry.shortcut());
    }

    /** Frames of the video for each frame of a stage. */
    private int framesOfOne(int index) {
        int frames = 1;
        for (Stage later : stages.subList(index + 1, stages.size())) frames *= later.factorT();
        return frames;
    }

    private void ending(Pass pass, Frames x, int frame, FrameConsumer consumer) throws IOException {
        Window window = pass.piece(convOut, x.window()).fresh();
        Frames parts = pass.causalFrames(x.count(), window, 3 * config.outChannels());
        pass.run(convOut, x, Epilogue.plain(noBias, parts));
        pass.release(x);
        Frames out = pass.frames(x.count(), window, config.outChannels());
        pass.sumCausal(convOut, parts, convOutBias, out);
        if (!pass.isRehearsal()) consumer.accept(frame, out);
        pass.release(out);
    }
}
