package wanvae.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
import wanvae.kernel.Convolution;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;

/**
 * Where the stages of a decoder compute which pixels: the regions of pieces of the picture, and of the bands of rows in
 * which a piece or a whole picture goes through the last stages. An encoder goes through its first layers in bands.
 *
 * @param stages      of the decoder, each of which but the first doubles height and width
 * @param convOut     the last convolution
 * @param firstBanded the first stage that goes in bands where the clip is a single frame; no stage from there on
 *                    doubles time
 * @param bandBytes   about the size to which bands limit a frame of the last stage, bytes
 * @param mostBands   the largest number of bands
 */
public record BandGeometry(
        List<? extends BandedStage> stages, Convolution convOut, int firstBanded, long bandBytes, int mostBands) {
    /** Tiles of the output of an encoder's first layers end at multiples of this many rows, and so do their bands. */
    public static final int EDGE = 4;

    /** The number of bands in which frames of the last stage have about {@link #bandBytes}. */
    public int bands(Window picture) {
        return bands(picture, stages.getLast().width(), bandBytes, mostBands);
    }

    /**
     * The number of bands in which frames of a picture have about {@code bytes} each.
     *
     * @param bytes about the size of a frame in a band
     * @param most  the largest number of bands
     */
    public static int bands(Window picture, int channels, long bytes, int most) {
        return Math.clamp(Math.ceilDiv(Frames.bytes(picture.height(), picture.width(), channels), bytes), 1, most);
    }

    /**
     * Plans how stages of a decoder make a window of their output, as {@link StreamingNetwork#plan} says. Stages before
     * the last one make whole pictures.
     *
     * @param decoder whose stages these are
     * @throws IllegalArgumentException if stages before the last one are to make a window
     */
    public BandPlan plan(
            StreamingDecoder decoder, LatentShape clip, int from, int to, Window window, int bands, FrameSizes sizes) {
        Window input = decoder.shape(clip, from).picture();
        if (to < stages.size()) {
            if (!window.equals(decoder.shape(clip, to).picture()))
                throw new IllegalArgumentException("stages before the last make whole pictures, not " + window);
            return BandPlan.wholePictures(input);
        }
        BandPlan plan = plan(clip.frames() == 1, Math.max(1, from), window, bands, sizes);
        return from > 0 ? plan : new BandPlan(input, plan.firstBanded(), plan.stages(), plan.bands());
    }

    /**
     * Plans how the stages from number {@code from} on make a window of the picture. With several frames only the last
     * stage goes in bands: the feature caches of more stages' bands would take more than the smaller frames save.
     *
     * @param single whether the clip is a single frame
     * @param window a piece of the picture, whose edges inside the picture lie at even rows
     * @param bands  at most this many; fewer where a band would be lower than the layers reach beyond it
     */
    private BandPlan plan(boolean single, int from, Window window, int bands, FrameSizes sizes) {
        int banded = single ? Math.max(from, firstBanded) : stages.size() - 1;
        int alignment = alignment(banded), reach = reach(banded, alignment);
        int rows = window.height() + reach, count = Math.clamp(rows / (reach + alignment), 1, bands);
        Bands all = Bands.of(
                window, count, reach, row -> aligned(row, alignment), sizes, (band, part) -> add(band, banded, part));
        Window entry = all.entry;
        RegionPlan earlier = new RegionPlan(sizes, null);
        for (int i = banded - 1; i >= from; i--) entry = stages.get(i).addTo(earlier, entry);
        sizes.include(entry);
        return new BandPlan(entry, banded, earlier, all.plans);
    }

    /**
     * Plans how the first layers of an encoder make a window of their output in bands.
     *
     * @param stages regions of the layers behind them
     * @param count  how many bands, each of which is higher than {@code reach}
     * @param reach  rows of the output that the layers reach beyond a band's lower edge
     * @param layers adds the layers for a window of their output, and returns the pixels of the input that they need
     */
    public static BandPlan ofFirstLayers(
            RegionPlan stages,
            Window window,
            int count,
            int reach,
            FrameSizes sizes,
            BiFunction<RegionPlan, Window, Window> layers) {
        Bands all = Bands.of(window, count, reach, row -> row / EDGE * EDGE, sizes, layers);
        return new BandPlan(all.entry, 0, stages, all.plans);
    }

    /**
     * The bands that make a window, from the top.
     *
     * @param entry the pixels of the input that they need together
     */
    private record Bands(Window entry, List<RegionPlan> plans) {
        /**
         * Divides a window. The layers of the first band reach beyond its lower edge, so its output has that many rows
         * fewer than the others'.
         *
         * @param end    the row next to this one where a band may end
         * @param layers as in {@link #ofFirstLayers}
         */
        static Bands of(
                Window window,
                int count,
                int reach,
                IntUnaryOperator end,
                FrameSizes sizes,
                BiFunction<RegionPlan, Window, Window> layers) {
            List<RegionPlan> plans = new ArrayList<>();
            Window entry = null;
            int rows = window.height() + reach;
            for (int i = 0, top = window.y(), bottom; i < count; i++, top = bottom) {
                bottom = i == count - 1 ? window.bottom() : end.applyAsInt(window.y() + rows * (i + 1) / count - reach);
                RegionPlan band = new RegionPlan(sizes, i == 0 ? null : plans.getLast());
                Window needed = layers.apply(band, window.from(top).above(bottom));
                entry = entry == null ? needed : entry.union(needed);
                plans.add(band);
            }
            return new Bands(entry, plans);
        }
    }

    /** The nearest row where a band may end. Such rows lie half the alignment above a multiple of it. */
    private static int aligned(int row, int alignment) {
        return (row + alignment / 2) / alignment * alignment - alignment / 2;
    }

    /**
     * The distance between rows where bands may end. It is a multiple of the tile height of every convolution from this
     * stage on, which is 4, 6 or 8 rows.
     */
    private int alignment(int from) {
        return stages.subList(from, stages.size()).stream().anyMatch(BandedStage::hasTallTiles) ? 24 : 8;
    }

    /** How many rows of the picture the layers from a stage on reach beyond a window of it. */
    private int reach(int from, int alignment) {
        int far = alignment << 16;
        Window needed = add(
                new RegionPlan(new FrameSizes(), null),
                from,
                new Window(far, far, alignment, alignment, 2 * far, 2 * far));
        return far - (needed.y() << stages.size() - from);
    }

    /** Adds all layers from a stage on. Returns the pixels of that stage's input which they need for this window. */
    private Window add(RegionPlan plan, int from, Window window) {
        Window needed = convOut.reads(plan.add(convOut, window));
        for (int i = stages.size() - 1; i >= from; i--) needed = stages.get(i).addTo(plan, needed);
        return needed;
    }
}
