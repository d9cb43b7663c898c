package wanvae.spark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/** Clips divided into partitions by what they cost, the dearest partition first: Spark starts them in this order. */
final class Bins {
    private Bins() {}

    private record Bin(List<Clip> clips, double[] cost) {}

    /**
     * Divides clips: the dearest goes first, each to the bin that has cost least so far. Where there are as many bins as
     * clips, each clip is a bin of its own, and executors take the next dearest whenever they are free.
     *
     * @param costs operations of each clip
     * @param most  bins at most
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
                    bin.cost()[0] += Math.max(costs.get(clip), Double.MIN_NORMAL); // no bin stays empty
                    cheapest.add(bin);
                });
        bins.sort(Comparator.comparing(bin -> bin.cost()[0], Comparator.reverseOrder()));
        return bins.stream().map(Bin::clips).toList();
    }
}
