package wanvae.checkpoint.format;

import java.util.List;

/** Lists as the arrays that the generated FlatBuffers code takes. */
public final class HeaderVectors {
    private HeaderVectors() {}

    /** A list of whole numbers. */
    public static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    /** A list of numbers. */
    public static float[] floats(List<Float> values) {
        var floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) floats[i] = values.get(i);
        return floats;
    }

    /** A list of booleans. */
    public static boolean[] booleans(List<Boolean> values) {
        var booleans = new boolean[values.size()];
        for (int i = 0; i < booleans.length; i++) booleans[i] = values.get(i);
        return booleans;
    }
}
