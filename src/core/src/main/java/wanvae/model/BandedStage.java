package wanvae.model;

import wanvae.kernel.Window;

/** A stage of a decoder, as far as {@link BandGeometry} must know it. */
public interface BandedStage {
    /** Channels of the stage's output. */
    int width();

    /** Whether some of its convolutions compute tiles of six rows. */
    boolean hasTallTiles();

    /** Adds this stage to a plan. Returns the pixels of its input that it needs to make these pixels of its output. */
    Window addTo(RegionPlan plan, Window wanted);
}
