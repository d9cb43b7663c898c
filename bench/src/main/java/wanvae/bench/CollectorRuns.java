package wanvae.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The whole decode of Wan 2.1 under each collector that a program around the library may run under, on one thread, by
 * JVMs that get no other option than the module of the vectors. The collectors go in turn, several times, so that what
 * changes on the machine meanwhile falls on all of them.
 */
final class CollectorRuns {
    private static final List<String> COLLECTORS = List.of("SerialGC", "ParallelGC", "G1GC");
    private static final int TURNS = 3, QUICK_TURNS = 1;

    private CollectorRuns() {}

    static void run(Session session) throws IOException, InterruptedException {
        int turns = session.quick() ? QUICK_TURNS : TURNS, times = session.quick() ? 2 : 4;
        Map<String, Samples> seconds = new LinkedHashMap<>();
        Map<String, Flat> results = new LinkedHashMap<>();
        for (int turn = 0; turn < turns; turn++)
            for (String collector : COLLECTORS) {
                Flat result = Child.withoutOptions(1, "-XX:+Use" + collector)
                        .run(Decode.class, session.weights(), session.size(), 1, times, "-");
                seconds.merge(collector, new Samples(Session.seconds(result, 1, "")), (a, b) -> a.with(b.values()[0]));
                results.put(collector, result);
            }
        Report report = session.report();
        double serial = seconds.get(COLLECTORS.getFirst()).median();
        for (String collector : COLLECTORS) {
            Samples s = seconds.get(collector);
            Flat result = results.get(collector);
            report.decode(new Row(
                    "wanvae, " + collector + ", latents " + session.size(),
                    1,
                    Session.gflop(session.size()),
                    0,
                    s.median(),
                    result.number("peak_gflops"),
                    result.number("peak_memory_mb"),
                    "median of %d, %.2f to %.2f s".formatted(turns, s.least(), s.most())));
            if (!collector.equals(COLLECTORS.getFirst()))
                report.ratio("seconds under %s / under SerialGC".formatted(collector), s.median() / serial, "≤ 1.05");
        }
    }
}
