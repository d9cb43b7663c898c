package wanvae.latent;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The order of a tensor's axes, outermost first: {@code b} batch, {@code c} channels, {@code f} frames, {@code h}
 * height, {@code w} width. Batch and frames may be missing.
 *
 * @param letters each of {@code c}, {@code h} and {@code w} once, {@code b} and {@code f} at most once
 */
public record LatentAxes(String letters) {
    /** The order into which all others are brought. */
    static final String ALL = "bcfhw";

    /** @throws IllegalArgumentException if these letters are no such order, in one sentence */
    public LatentAxes {
        boolean known = letters.chars().allMatch(letter -> ALL.indexOf(letter) >= 0);
        boolean once = letters.chars().distinct().count() == letters.length();
        boolean complete = letters.contains("c") && letters.contains("h") && letters.contains("w");
        if (!known || !once || !complete)
            throw new IllegalArgumentException("'" + letters
                    + "' is no order of axes: it takes c, h and w, with b and f where there are such axes, like bfchw");
    }

    /** The usual orders of each number of axes, the likeliest first. */
    private static List<String> usual(int rank) {
        return switch (rank) {
            case 3 -> List.of("chw", "hwc");
            case 4 -> List.of("cfhw", "bchw", "bhwc");
            case 5 -> List.of("bcfhw", "bfchw", "bfhwc");
            default -> List.of();
        };
    }

    /**
     * The usual orders by which a tensor has this many channels, the likeliest first; none if its shape is not that of
     * such latents.
     *
     * @param sizes sizes of the tensor's axes
     */
    public static List<LatentAxes> of(long[] sizes, int channels) {
        return usual(sizes.length).stream()
                .map(LatentAxes::new)
                .filter(axes -> sizes[axes.axis('c')] == channels)
                .toList();
    }

    /** {@code "[F][C][H][W]"}. */
    @Override
    public String toString() {
        return letters.chars()
                .mapToObj(letter -> "[" + (char) Character.toUpperCase(letter) + "]")
                .collect(Collectors.joining());
    }

    int rank() {
        return letters.length();
    }

    /** Number of the axis of this letter, -1 if there is none. */
    int axis(char letter) {
        return letters.indexOf(letter);
    }

    /**
     * Size of the axis of this letter, 1 if there is none.
     *
     * @param sizes sizes of the tensor's axes
     */
    int size(char letter, long[] sizes) {
        int axis = axis(letter);
        return axis < 0 ? 1 : (int) sizes[axis];
    }

    /** Shape of latents whose tensor has these sizes. */
    LatentShape shape(long[] sizes) {
        return new LatentShape(
                size('b', sizes), size('c', sizes), size('f', sizes), size('h', sizes), size('w', sizes));
    }

    /** The tensor's axes in the order {@code [B][C][F][H][W]}, those that are there. */
    int[] toStandard() {
        return Arrays.stream(new int[] {axis('b'), axis('c'), axis('f'), axis('h'), axis('w')})
                .filter(axis -> axis >= 0)
                .toArray();
    }
}
