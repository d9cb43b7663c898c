package wanvae.latent;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Which axis of a tensor is which. An axis with as many elements as the VAE's latents have channels decides; where that
 * leaves a choice, the correlation of neighbours along the axes does.
 *
 * @param axes the reading that was taken
 * @param note how the tensor was read and why, or null where it has the usual order
 */
record AxisOrder(LatentAxes axes, String note) {
    /**
     * Difference of two correlations that decides: those of noise differ by a few hundredths, those of real latents by
     * 0.8.
     */
    private static final double DECISIVE = 0.3;

    /** From this correlation on the pictures of a series count as frames of a clip. */
    private static final double FRAMES = 0.5;

    private static final List<String> NAMES = List.of("first", "second", "third", "fourth", "fifth");

    /** The order that is taken where no VAE is known; null if there are too few or too many axes. */
    static LatentAxes standard(int rank) {
        return switch (rank) {
            case 4 -> new LatentAxes("cfhw");
            case 5 -> new LatentAxes("bcfhw");
            default -> null;
        };
    }

    /**
     * Takes one of the candidates.
     *
     * @param candidates at least one
     * @param values     the tensor, in C order
     * @param channels   channels of the VAE's latents
     */
    static AxisOrder choose(List<LatentAxes> candidates, MemorySegment values, long[] sizes, int channels) {
        LatentAxes taken = candidates.getFirst();
        var others = new ArrayList<LatentAxes>(candidates);
        String reason = candidates.size() == 1
                ? ": its " + NAMES.get(taken.axis('c')) + " axis has the VAE's " + channels + " channels"
                : ", the usual order, since its values do not tell";
        double least = correlation(values, sizes, taken);
        for (LatentAxes other : candidates) {
            double correlation = correlation(values, sizes, other);
            if (Math.abs(correlation - least) < DECISIVE) continue;
            LatentAxes channelsFirst = correlation < least ? other : taken;
            LatentAxes channelsLast = correlation < least ? taken : other;
            reason = text(
                    ", since neighbours along its %s axis have less in common (%.2f) than those along its %s (%.2f)",
                    NAMES.get(channelsFirst.axis('c')),
                    Math.min(correlation, least),
                    NAMES.get(channelsLast.axis('c')),
                    Math.max(correlation, least));
            taken = channelsFirst;
            least = Math.min(correlation, least);
        }
        others.remove(taken);
        boolean usual = taken.equals(standard(sizes.length)) && others.isEmpty();
        if (usual) return new AxisOrder(taken, null);
        String kind = "";
        if (isSeries(taken, sizes)) {
            LatentAxes frames = frames(taken);
            double correlation = LatentStatistics.correlation(values, sizes, 0);
            boolean clip = correlation >= FRAMES;
            kind = clip
                    ? text(" (frames of a clip: they correlate, %.2f)", correlation)
                    : " (pictures, not frames of a clip: they do not correlate)";
            others.addFirst(clip ? taken : frames);
            taken = clip ? frames : taken;
        }
        for (LatentAxes other : List.copyOf(others))
            if (isSeries(other, sizes)
                    && !frames(other).equals(taken)
                    && !other.equals(taken)
                    && !others.contains(frames(other))) others.add(frames(other));
        String possible = others.stream().map(LatentAxes::toString).collect(Collectors.joining(" or "));
        return new AxisOrder(
                taken, "read as " + taken + kind + reason + (possible.isEmpty() ? "" : "; it could be " + possible));
    }

    /** Whether the first axis counts several pictures, which may be the frames of a clip. */
    static boolean isSeries(LatentAxes axes, long[] sizes) {
        return axes.rank() == 4 && axes.axis('b') == 0 && sizes[0] > 1;
    }

    /** The order of the same tensor if its pictures are the frames of a clip. */
    static LatentAxes frames(LatentAxes series) {
        return new LatentAxes(series.letters().replace('b', 'f'));
    }

    /** Correlation of neighbours along what would be the channels; 0, as for real channels, where there are none. */
    private static double correlation(MemorySegment values, long[] sizes, LatentAxes axes) {
        double correlation = LatentStatistics.correlation(values, sizes, axes.axis('c'));
        return Double.isNaN(correlation) ? 0 : correlation;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
