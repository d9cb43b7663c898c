package wanvae.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BinsTest {
    private static List<Clip> clips(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Clip("in/" + i, "out/" + i))
                .toList();
    }

    @Test
    void theDearestComesFirstAndAlone() {
        List<Clip> clips = clips(4);
        List<List<Clip>> bins = Bins.of(clips, List.of(1.0, 50.0, 0.0, 7.0), 10);
        assertEquals(
                List.of(List.of(clips.get(1)), List.of(clips.get(3)), List.of(clips.get(0)), List.of(clips.get(2))),
                bins);
    }

    /** One clip of 720p weighs as many of 256p as it has operations. */
    @Test
    void binsCostTheSameWhateverTheirClipsCost() {
        var random = new Random(1);
        List<Clip> clips = clips(500);
        List<Double> costs =
                random.doubles(500).map(x -> Math.pow(10, 4 * x)).boxed().toList();
        Map<Clip, Double> cost = new HashMap<>();
        for (int i = 0; i < 500; i++) cost.put(clips.get(i), costs.get(i));
        List<List<Clip>> bins = Bins.of(clips, costs, 20);
        assertEquals(20, bins.size());
        var all = new HashSet<Clip>();
        bins.forEach(all::addAll);
        assertEquals(new HashSet<>(clips), all);
        assertEquals(500, bins.stream().mapToInt(List::size).sum());
        double[] sums = bins.stream()
                .mapToDouble(bin -> bin.stream().mapToDouble(cost::get).sum())
                .toArray();
        for (int i = 1; i < sums.length; i++) assertTrue(sums[i] <= sums[i - 1] + 1e-6);
        assertTrue(sums[0] / sums[19] < 1.02, sums[0] + " and " + sums[19]);
    }

    @Test
    void nothingIsLostWhereNothingIsKnown() {
        List<List<Clip>> bins = Bins.of(clips(10), List.of(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 3);
        assertEquals(
                List.of(4, 3, 3),
                bins.stream().map(List::size).sorted((a, b) -> b - a).toList());
    }
}
