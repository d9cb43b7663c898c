package wanvae.spark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Divides clips into partitions by cost, the most expensive partition first, because Spark starts them in this order.
 */
final class Bins {
    private Bins() {}

    private record Bin(List<Clip> clips, double[] cost) {}

    /**
     * Divides clips. They are taken from the most expensive to the cheapest, and each goes to the bin with the least
     * cost so far. If there are as many bins as clips, each clip has a bin of its own, and a free executor takes the
     * most expensive one that is left.
     *
     * @param costs operations of each clip
     * @param most  the largest number of bins
     */
    static List<List<Clip>> of(List<Clip> clips, List<Double> costs, int most) {
        var bins = new ArrayList<Bin>();
        for (int i = 0; i < Math.min(most, clips.size()); i++) bins.add(new Bin(new ArrayList<>(), new double[1]));
        var cheapest = new PriorityQueue<Bin>(Comparator.comparingDouble(bin -> bin.cost()[0]));
        cheapest.addAll(bins);
        IntStream.range(0, clips.size())
                .boxed()
                .sorted(Comparator.comparing(costs::get, Comparator.reverseOrder()))
                .forEach(clip -> {
                    Bin bin = cheapest.poll();
                    bin.clips().add(clips.get(clip));
                    // A cost above zero, so that no bin stays empty.
                    bin.cost()[0] += Math.max(costs.get(clip), Double.MIN_NORMAL);
                    cheapest.add(bin);
                });
        bins.sort(Comparator.comparing(bin -> bin.cost()[0], Comparator.reverseOrder()));
        return bins.stream().map(Bin::clips).toList();
    }
}
