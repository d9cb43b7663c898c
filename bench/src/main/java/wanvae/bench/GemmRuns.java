package wanvae.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The matrix product beneath every convolution, in many JVMs: what C2 makes of it may differ from one run of a JVM to
 * the next, so the worst run counts, at each width of vectors and for each number of channels that Wan 2.1 has.
 */
final class GemmRuns {
    private static final int JVMS = 10, QUICK_JVMS = 2;

    private GemmRuns() {}

    static void run(Session session) throws IOException, InterruptedException {
        int widest = (int) run(session, "");
        for (int bits = widest / 2; bits >= 128; bits /= 2) run(session, "-Dwanvae.vectorBits=" + bits);
        if (widest == 512) run(session, "-XX:UseAVX=2");
    }

    /**
     * Measures all numbers of channels with one option, or none.
     *
     * @return the bits of a vector
     */
    private static double run(Session session, String option) throws IOException, InterruptedException {
        int jvms = session.quick() ? QUICK_JVMS : JVMS;
        List<Flat> results = new ArrayList<>();
        for (int i = 0; i < jvms; i++)
            results.add(new Child(1, option.isEmpty() ? new String[0] : new String[] {option}).run(GemmMain.class));
        double bits = results.getFirst().number("vector_bits");
        for (int k : GemmMain.CHANNELS) {
            Flat worst = results.getFirst();
            Samples shares = new Samples();
            for (Flat result : results) {
                shares = shares.with(share(result, k));
                if (share(result, k) <= shares.least()) worst = result;
            }
            session.report()
                    .kernel(new Row(
                            "Gemm, K = %d, %.0f-bit vectors%s, worst of %d JVMs"
                                    .formatted(k, bits, option.isEmpty() ? "" : " (" + option + ")", jvms),
                            1,
                            worst.number("gflops_" + k), // in a second
                            0,
                            1,
                            worst.number("peak_gflops"),
                            0,
                            "%.2f to %.2f of the peak, median %.2f"
                                    .formatted(shares.least(), shares.most(), shares.median())));
        }
        return bits;
    }

    private static double share(Flat result, int k) {
        return result.number("gflops_" + k) / result.number("peak_gflops");
    }
}
