package wanvae.bench;

import java.io.IOException;

/** Each kernel alone, on one thread, by JMH. */
final class Kernels {
    private Kernels() {}

    static void run(Session session) throws IOException, InterruptedException {
        for (String kernel : KernelBench.kernels(session.quick())) {
            Flat r = new Child(1).run(KernelMain.class, kernel, session.quick() ? "quick" : "all");
            double gflop = r.number("gflop"), bytes = r.number("bytes"), seconds = r.number("seconds");
            session.report()
                    .kernel(new Row(
                            kernel,
                            1,
                            gflop,
                            bytes,
                            seconds,
                            r.number("peak_gflops"),
                            0,
                            gflop > 0 ? "" : "%.1f GB/s".formatted(bytes / seconds / 1e9)));
        }
    }
}
