package wanvae.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.GeneratedVae;
import wanvae.checkpoint.WanConfig;
import wanvae.checkpoint.WanvaeFile;
import wanvae.model.DecodeOperations;
import wanvae.tensorfile.DType;

/**
 * Runs everything and writes the table and the plot: {@code Bench [--quick] [--kernels] [--decode] [--rival] [--steady] [--out FOLDER]}.
 * Named parts run alone. Each measurement is a process of its own, pinned; on a busy machine the numbers mean little.
 */
final class Bench {
    private static final Size TARGET = new Size(5, 32, 32), STEADY = new Size(21, 60, 104), SMALL = new Size(2, 32, 32), ONE_FRAME = new Size(1, 60, 104);

    /** What a rival run must reach, in FMA peaks, lest its settings be wrong. */
    private static final double LEAST_FP32 = 0.58, LEAST_BF16 = 1.0;

    private final boolean quick;
    private final Report report;
    private final Path folder, weights;
    private Row oneThread; // our decode that the rivals are compared with

    private Bench(boolean quick, Report report, Path folder) throws IOException {
        this.quick = quick;
        this.report = report;
        this.folder = folder;
        weights = folder.resolve("vae");
        if (!Files.exists(weights.resolve("config.json"))) GeneratedVae.writeVae(WanConfig.WAN_2_1, Rival.SEED, DType.F32, weights);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> given = Arrays.asList(args), parts = given.stream().filter(List.of("--kernels", "--decode", "--rival", "--steady")::contains).toList();
        boolean quick = given.contains("--quick");
        int out = given.indexOf("--out");
        Path folder = Path.of(out < 0 ? "bench/target/results" : given.get(out + 1));
        Report report = new Report(Machine.measure(), "scripts/bench" + (args.length == 0 ? "" : " " + String.join(" ", args)));
        Bench bench = new Bench(quick, report, folder);
        try {
            if (parts.isEmpty() || parts.contains("--kernels")) bench.kernels();
            if (parts.isEmpty() || parts.contains("--decode")) bench.decode();
            if (parts.contains("--rival") || parts.isEmpty() && !quick) bench.rival();
            if (parts.contains("--steady") || parts.isEmpty() && !quick) bench.steady();
        } finally {
            report.write(folder); // what was measured before a failure counts
        }
        System.out.println("Written: " + folder.resolve("results.md") + ", results.json, roofline.svg");
    }

    private static double gflop(Size size) {
        return DecodeOperations.of(WanConfig.WAN_2_1, size.latents()).all() / 1e9;
    }

    private void kernels() throws IOException, InterruptedException {
        Child one = new Child(1);
        double peak = one.run(Peak.class, 1).getFirst().number("peak_gflops");
        List<Flat> results = one.run(KernelMain.class, quick ? "quick" : "all");
        double after = one.run(Peak.class, 1).getFirst().number("peak_gflops");
        for (Flat r : results)
            report.kernel(new Row((String) r.values().get("kernel"), 1, r.number("gflop"), r.number("bytes"), r.number("seconds"), Math.max(peak, after), 0, ""));
    }

    /** The whole decode, warm, on one thread, on two, and with 256-bit vectors. */
    private void decode() throws IOException, InterruptedException {
        Size size = quick ? SMALL : TARGET;
        Row one = decodeOnOneThread(size);
        report.ratio("whole decode, latents " + size + ": multiple of the FMA peak", one.multiple(), "≥ 4.5");
        double zeroPast = DecodeOperations.of(WanConfig.WAN_2_1, size.latents()).zeroPast() / 1e9;
        report.ratio("the same without the taps on the zero past", one.multiple() * (one.gflop() - zeroPast) / one.gflop(), "none");
        if (Child.processors().size() > 1) {
            Row two = ours("wanvae", size, 2, 2, null);
            report.decode(two);
            report.ratio("two threads / one", one.seconds() / two.seconds(), "≥ 1.9");
        }
        if (quick) return;
        Row narrow = ours("wanvae, -XX:UseAVX=2", size, 1, 2, null, "-XX:UseAVX=2");
        report.decode(narrow);
        report.ratio("multiple with 256-bit vectors / with the widest", narrow.multiple() / one.multiple(), "≥ 0.8");
    }

    private Row decodeOnOneThread(Size size) throws IOException, InterruptedException {
        oneThread = ours("wanvae", size, 1, 2, folder.resolve("wanvae.raw"));
        report.decode(oneThread);
        return oneThread;
    }

    /** 480x832, latents 2 and on, and the first frame of a fresh process. */
    private void steady() throws IOException, InterruptedException {
        for (int threads = 1; threads <= Math.min(2, Child.processors().size()); threads++) {
            Flat result = run(weights, STEADY, threads, 1, "-");
            double seconds = seconds(result, threads, "") - seconds(result, threads, "first_frame_");
            double gflop = gflop(STEADY) - gflop(ONE_FRAME);
            Row row = new Row("wanvae, latents 2..21 of " + STEADY, threads, gflop, 0, seconds, result.number("peak_gflops"), result.number("peak_memory_mb"),
                    "%.2f s a frame".formatted(seconds / (STEADY.videoFrames() - 1)));
            report.decode(row);
            if (threads == 1) report.ratio("steady state at 480x832: multiple of the FMA peak", row.multiple(), "≥ 4.5");
            if (threads == 1) report.ratio("resident memory at 480x832, GB", row.memoryMb() / 1e3, "≤ 6");
        }
        Path wanvae = folder.resolve("vae.wanvae");
        if (!Files.exists(wanvae)) {
            try (Checkpoint checkpoint = Checkpoint.open(weights)) {
                WanvaeFile.write(checkpoint, wanvae, DType.F32);
            }
        }
        Flat cold = run(wanvae, ONE_FRAME, 1, 3, "-");
        report.ratio("process start to first frame / first frame of a warm process, 480x832",
                cold.number("started_to_first_frame_seconds") / cold.number("first_frame_seconds"), "≤ 1.5");
    }

    /** libtorch on one thread, beside our decode of the same latents. */
    private void rival() throws IOException, InterruptedException {
        Size size = quick ? SMALL : TARGET;
        Row ours = oneThread != null ? oneThread : decodeOnOneThread(size);
        rival(size, "fp32", LEAST_FP32, ours, "≥ 7");
        rival(size, "bf16", LEAST_BF16, ours, "≥ 4");
    }

    private void rival(Size size, String type, double least, Row ours, String target) throws IOException, InterruptedException {
        Path picture = folder.resolve("libtorch-" + type + ".raw");
        Flat result = new Child(1, "-Xmx1g").run(Rival.class, weights, size, 1, type, picture).getLast();
        Row row = new Row("libtorch 2.13 " + type + ", latents " + size, 1, gflop(size), 0, seconds(result, 1, ""), result.number("peak_gflops"),
                result.number("peak_memory_mb"), "golden picture to %.1e".formatted(result.number("golden_error")));
        double difference = Picture.difference(picture, folder.resolve("wanvae.raw"));
        boolean same = difference <= Picture.tolerance(type), fast = row.multiple() >= least;
        report.decode(row.withNote("ours to %.1e".formatted(difference))
                .withNote(same && fast ? "valid" : "INVALID: " + (same ? "below %.2f × peak".formatted(least) : "another picture")));
        if (same && fast) report.ratio("libtorch " + type + " / wanvae, seconds", row.seconds() / ours.seconds(), target);
    }

    private Row ours(String what, Size size, int threads, int times, Path picture, String... jvmArguments) throws IOException, InterruptedException {
        Flat result = run(weights, size, threads, times, picture == null ? "-" : picture, jvmArguments);
        return new Row(what + ", latents " + size, threads, gflop(size), 0, seconds(result, threads, ""), result.number("peak_gflops"),
                result.number("peak_memory_mb"), "%.0f-bit vectors".formatted(result.number("vector_bits")));
    }

    /** Of one pinned thread the processor time, compiler and collector included: what others take of its processor is not its doing. */
    private static double seconds(Flat result, int threads, String what) {
        return result.number(what + (threads == 1 ? "cpu_seconds" : "seconds"));
    }

    private static Flat run(Path weights, Size size, int threads, int times, Object picture, String... jvmArguments) throws IOException, InterruptedException {
        return new Child(threads, jvmArguments).run(Decode.class, weights, size, threads, times, System.currentTimeMillis(), picture).getLast();
    }
}
