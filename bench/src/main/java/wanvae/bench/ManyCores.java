package wanvae.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.kernel.Attention;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Sharing;
import wanvae.kernel.Window;
import wanvae.model.DryContext;
import wanvae.model.StreamingDecoder;
import wanvae.model.Weights;

/**
 * How Wan 2.1's decoder would keep many threads busy, calculated from a dry run: nothing is measured. It is assumed that
 * every thread computes equally fast and always at the same multiple of its peak, and that no memory makes it wait. What
 * reading the weights would take is told beside that.
 */
final class ManyCores {
    private static final List<Size> SIZES = List.of(new Size(21, 60, 104), new Size(21, 90, 160));
    /** Speed of a thread, direct-convolution GFLOP/s: a Zen 4's. */
    private static final double SPEED = 600;
    /** Of a server's memory, GB/s. */
    private static final double BANDWIDTH = 200;

    private ManyCores() {}

    /** @param threads numbers of threads, with commas between */
    static void run(Session session, String threads) throws IOException {
        for (Size size : SIZES)
            for (String count : threads.split(",")) session.report().calculated(table(size, Integer.parseInt(count)));
    }

    private static String table(Size size, int threads) throws IOException {
        Map<String, Map<String, Line>> layers = new LinkedHashMap<>();
        Map<String, Line> pictures = new LinkedHashMap<>();
        Line all = new Line();
        dryRun(size, new DryContext.Observer() {
            @Override
            public void convolution(Convolution kernel, Frames in, Epilogue epilogue) {
                Window window = epilogue.window();
                String picture = picture(window), bands = window.height() < window.pictureHeight() ? " in bands" : "";
                add(
                        picture + bands,
                        "%s %d>%d"
                                .formatted(
                                        kernel.getClass().getSimpleName(),
                                        in.channels(),
                                        epilogue.out().channels()),
                        kernel.operations(epilogue),
                        Sharing.of(kernel, in, epilogue, threads));
            }

            @Override
            public void attention(Frames q, boolean causal) {
                add(picture(q.window()), "attention", Attention.operations(q, causal), Sharing.ofAttention(q, threads));
            }

            private void add(String picture, String layer, double operations, List<Sharing> runs) {
                for (Line line : List.of(
                        layers.computeIfAbsent(picture, _ -> new LinkedHashMap<>())
                                .computeIfAbsent(layer, _ -> new Line()),
                        pictures.computeIfAbsent(picture, _ -> new Line()),
                        all)) for (Sharing run : runs) line.add(operations / runs.size(), run);
            }
        });
        StringBuilder text = new StringBuilder("""
                Calculated: Wan 2.1, latents %s, %d threads. A thread at %.0f GFLOP/s, memory at %.0f GB/s.

                | layers | of the operations | tasks of a run | a thread: mean, most | threads at work | s | weights read, GB | s |
                |---|---:|---:|---:|---:|---:|---:|---:|
                """.formatted(size, threads, SPEED, BANDWIDTH));
        pictures.forEach((picture, sum) -> {
            text.append(sum.row("**" + picture + "**", all, threads));
            layers.get(picture).forEach((layer, line) -> text.append(line.row(layer, all, threads)));
        });
        return text.append(all.row("**all**", all, threads)).toString();
    }

    private static String picture(Window window) {
        return window.pictureWidth() + "x" + window.pictureHeight();
    }

    private static void dryRun(Size size, DryContext.Observer observer) throws IOException {
        VaeFamily<WanConfig> family = VaeFamily.of(WanConfig.WAN_2_1);
        StreamingDecoder decoder = (StreamingDecoder)
                family.decoder(Weights.dry(family.tensors(WanConfig.WAN_2_1, Half.DECODER)), WanConfig.WAN_2_1);
        decoder.run(
                new DryContext(observer),
                size.latents(),
                decoder.plan(size.latents(), decoder.bands(size.latents())),
                null,
                null);
    }

    /** Sums of runs. */
    private static final class Line {
        private int runs;
        private long tasks, most;
        private double operations, seconds, weights;

        void add(double operations, Sharing run) {
            runs++;
            tasks += run.tasks().length;
            most += mostTasks(run);
            this.operations += operations;
            seconds += operations / (SPEED * 1e9 * run.threads() * run.efficiency());
            weights += run.weightsRead();
        }

        /** Tasks of the thread that has most, if all take equally long. */
        private static int mostTasks(Sharing run) {
            return Math.ceilDiv(run.tasks().length, run.threads());
        }

        String row(String what, Line all, int threads) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %.1f %% | %.0f | %.1f, %.1f | %.0f %% | %.2f | %.0f | %.2f |%n",
                    what,
                    100 * operations / all.operations,
                    (double) tasks / runs,
                    (double) tasks / runs / threads,
                    (double) most / runs,
                    100 * operations / (SPEED * 1e9 * threads * seconds),
                    seconds,
                    weights / 1e9,
                    weights / 1e9 / BANDWIDTH);
        }
    }
}
