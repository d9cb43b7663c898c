package wanvae.video.source;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The order of the axes of a tensor of frames: {@code b}atch, {@code f}rames, {@code c}hannels, {@code h}eight and
 * {@code w}idth. Without channels it is grey.
 *
 * @param order one of those that {@link #ORDERS} lists, such as {@code fhwc}
 */
public record FrameAxes(String order) {
    /** All orders that frames come in, usual ones first. */
    public static final List<String> ORDERS =
            List.of("bfhwc", "bfchw", "bcfhw", "fhwc", "fchw", "cfhw", "hwc", "chw", "fhw", "bfhw", "hw");

    /** @throws IllegalArgumentException if frames do not come in this order */
    public FrameAxes {
        if (!ORDERS.contains(order))
            throw new IllegalArgumentException(
                    "an order of axes of frames is one of " + String.join(", ", ORDERS) + ", not " + order);
    }

    /** Whether this is diffusers' raw sample, whose values are -1 to 1: channels before frames. */
    boolean isSample() {
        return order.contains("cf");
    }

    /** The size along an axis; 1 where there is none. */
    long size(long[] shape, char axis) {
        int at = order.indexOf(axis);
        return at < 0 ? 1 : shape[at];
    }

    private boolean takes(long[] shape) {
        if (shape.length != order.length()) return false;
        long channels = size(shape, 'c');
        return channels == 3 || channels == 4 || channels == 1 && !isSample();
    }

    /** How strongly a shape suggests colour: several channels more than one, and one more than none. */
    private int colours(long[] shape) {
        return size(shape, 'c') >= 3 ? 2 : order.indexOf('c') >= 0 ? 1 : 0;
    }

    /** The shorter side of the picture, since a picture is rarely only a few pixels wide. */
    private long shortestSide(long[] shape) {
        return Math.min(size(shape, 'h'), size(shape, 'w'));
    }

    /** The most plausible orders of a tensor of this shape: none, one, or several that are equally plausible. */
    static List<FrameAxes> of(long[] shape) {
        List<FrameAxes> all = ORDERS.stream()
                .map(FrameAxes::new)
                .filter(axes -> axes.takes(shape))
                .toList();
        Comparator<FrameAxes> plausible = Comparator.<FrameAxes>comparingInt(axes -> axes.colours(shape))
                .thenComparingLong(axes -> axes.shortestSide(shape));
        if (all.isEmpty()) return all;
        FrameAxes best = Collections.max(all, plausible);
        return all.stream().filter(axes -> plausible.compare(axes, best) == 0).toList();
    }

    /** {@code [F, H, W, C]}. */
    @Override
    public String toString() {
        return order.toUpperCase(java.util.Locale.ROOT)
                .chars()
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
