package wanvae.model;

import java.util.List;
import wanvae.kernel.Window;

/**
 * Which pixels the stages of a {@link StreamingNetwork} compute to make a window of their output. The stages from
 * {@code firstBanded} on make the window in bands of rows, one after the other, so that their large frames are only as
 * high as a band.
 *
 * @param entry       the pixels of the first stage's input that are needed
 * @param firstBanded number of the first stage that goes in bands
 * @param stages      regions of the stages before {@code firstBanded}
 * @param bands       regions of the stages from {@code firstBanded} on, one plan for each band from the top
 */
public record BandPlan(Window entry, int firstBanded, RegionPlan stages, List<RegionPlan> bands) {
    public BandPlan {
        bands = List.copyOf(bands);
    }

    /** All stages compute whole pictures, without bands. */
    public static BandPlan wholePictures(Window entry) {
        return new BandPlan(entry, Integer.MAX_VALUE, RegionPlan.wholePictures(), List.of());
    }
}
