package wanvae.model;

import java.util.IdentityHashMap;
import java.util.Map;
import wanvae.kernel.Convolution;
import wanvae.kernel.Window;

/**
 * Which pixels every convolution of some stages computes to make a window of their output. The plan is made by walking
 * back over the layers: each of them {@linkplain #add adds} itself with the pixels that the layers behind it need. A
 * plan may continue the plan of the band of rows above: pixels which that band has computed are taken over from it and
 * not computed again.
 */
public final class RegionPlan {
    /**
     * A convolution's output.
     *
     * @param needed   the pixels that later layers need
     * @param computed the pixels of these that are computed: all but the rows that the band above has computed
     */
    public record Region(Window needed, Window computed) {}

    private final FrameSizes sizes;
    private final RegionPlan above;
    private final Map<Convolution, Region> regions = new IdentityHashMap<>();
    private RegionPlan below;

    /** @param above plan of the band above, or null */
    public RegionPlan(FrameSizes sizes, RegionPlan above) {
        this.sizes = sizes;
        this.above = above;
        if (above != null) above.below = this;
    }

    /** Every convolution computes whole pictures. */
    public static RegionPlan wholePictures() {
        return new RegionPlan(new FrameSizes(), null);
    }

    /**
     * Adds a convolution.
     *
     * @param wanted the pixels of its output that later layers need
     * @return the pixels it computes
     * @throws IllegalArgumentException if the band above computes all of them: the bands are too low
     */
    public Window add(Convolution convolution, Window wanted) {
        Window computed = convolution.computes(wanted);
        // Pixels that the band above has computed need not begin with a whole tile.
        Window needed = above == null ? computed : computed.from(wanted.y());
        Window fresh = above == null
                ? computed
                : computed.from(above.regions.get(convolution).needed.bottom());
        regions.put(convolution, new Region(needed, fresh));
        sizes.include(needed);
        return fresh;
    }

    /** A convolution's region: {@code otherwise}, if it is not in this plan. */
    Region region(Convolution convolution, Window otherwise) {
        Region region = regions.get(convolution);
        return region != null ? region : new Region(otherwise, otherwise);
    }

    /** The rows of a convolution's output that the band below needs too, or null. */
    Window sharedWithBelow(Convolution convolution) {
        Region mine = regions.get(convolution), next = below == null ? null : below.regions.get(convolution);
        return mine == null || next == null || next.needed.y() >= mine.needed.bottom()
                ? null
                : mine.needed.from(next.needed.y());
    }

    /**
     * Whether this is one of several bands. Frames of a band, except those of the feature cache, are released at its
     * end.
     */
    boolean isBand() {
        return above != null || below != null;
    }

    /** Bytes of a frame that holds this window or any other window of its picture. */
    long bytes(Window window, int channels) {
        return sizes.bytes(window, channels);
    }
}
