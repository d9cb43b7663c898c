package wanvae.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.checkpoint.WanvaeFile;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.tensorfile.DType;

/**
 * Runs everything and writes the table and the plot: {@code Bench [--quick] [--kernels] [--decode] [--encode] [--hunyuan]
 * [--rival] [--tiny] [--steady[=SIZE]] [--start] [--out FOLDER]}. Named parts run alone. Each measurement is a process of its
 * own, pinned; on a busy machine the numbers mean little.
 */
final class Bench {
    private static final Size TARGET = new Size(5, 32, 32),
            STEADY = new Size(21, 60, 104),
            TINY = new Size(5, 60, 104),
            SMALL = new Size(2, 32, 32),
            ONE_FRAME = new Size(1, 60, 104);
    /** As other measurements the best of several: other users of the machine come and go. */
    private static final int STARTS = 3;

    private static final List<String> PARTS =
            List.of("--decode", "--rival", "--encode", "--tiny", "--start", "--steady", "--hunyuan", "--kernels");

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
        if (!Files.exists(weights.resolve("config.json")))
            GeneratedVae.writeVae(WanConfig.WAN_2_1, Rival.SEED, DType.F32, weights, EnumSet.of(Half.DECODER));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Set<String> parts = new TreeSet<>();
        boolean quick = false;
        Path folder = Path.of("bench/target/results");
        Size steady = STEADY;
        for (Iterator<String> given = List.of(args).iterator(); given.hasNext(); ) {
            String argument = given.next();
            if (argument.equals("--quick")) quick = true;
            else if (argument.equals("--out") && given.hasNext()) folder = Path.of(given.next());
            else if (PARTS.contains(argument)) parts.add(argument);
            else if (argument.matches("--steady=\\d+x\\d+x\\d+")) {
                parts.add("--steady");
                steady = Size.parse(argument.substring(9));
            } else {
                System.err.println(
                        "scripts/bench knows --quick, --kernels, --decode, --encode, --hunyuan, --rival, --tiny, --steady[=21x60x104], --start and --out FOLDER, not "
                                + argument + ".");
                System.exit(2);
            }
        }
        if (parts.isEmpty()) parts.addAll(quick ? List.of("--decode", "--kernels") : PARTS);
        Report report =
                new Report(Machine.measure(), "scripts/bench" + (args.length == 0 ? "" : " " + String.join(" ", args)));
        Bench bench = new Bench(quick, report, folder);
        for (String part : PARTS) {
            if (!parts.contains(part)) continue;
            try {
                switch (part) {
                    case "--decode" -> bench.decode();
                    case "--rival" -> bench.rival();
                    case "--encode" -> bench.encode();
                    case "--tiny" -> bench.tiny();
                    case "--start" -> bench.start();
                    case "--steady" -> bench.steady(steady);
                    case "--hunyuan" -> bench.hunyuan();
                    case "--kernels" -> bench.kernels();
                    default -> throw new AssertionError(part);
                }
            } finally {
                report.write(folder); // what was measured before a failure counts
            }
        }
        System.out.println("Written: " + folder.resolve("results.md") + ", results.json, roofline.svg");
    }

    private static double gflop(Size size) {
        return VaeFamily.of(WanConfig.WAN_2_1)
                        .operations(WanConfig.WAN_2_1, size.latents())
                        .all()
                / 1e9;
    }

    private void kernels() throws IOException, InterruptedException {
        for (String kernel : KernelBench.kernels(quick)) {
            Flat r = new Child(1)
                    .run(KernelMain.class, kernel, quick ? "quick" : "all")
                    .getLast();
            double gflop = r.number("gflop"), bytes = r.number("bytes"), seconds = r.number("seconds");
            report.kernel(new Row(
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

    /** The whole decode, warm, on one thread, on two, and with 256-bit vectors. */
    private void decode() throws IOException, InterruptedException {
        Size size = quick ? SMALL : TARGET;
        Row one = decodeOnOneThread(size);
        report.ratio(
                "whole decode, latents %s, %.0f GFLOP: multiple of the FMA peak".formatted(size, one.gflop()),
                one.multiple(),
                "≥ 4.5");
        double counted = one.gflop()
                - VaeFamily.of(WanConfig.WAN_2_1)
                                .operations(WanConfig.WAN_2_1, size.latents())
                                .zeroPast()
                        / 1e9;
        report.ratio(
                "the same, counted without the taps on the zero past, %.0f GFLOP".formatted(counted),
                counted / one.seconds() / one.peak(),
                "none");
        if (Child.processors().size() > 1) {
            Row two = ours("wanvae", size, 2, null);
            report.decode(two);
            report.ratio("two threads / one", one.seconds() / two.seconds(), "≥ 1.9");
        }
        if (quick) return;
        Row narrow = ours("wanvae, -XX:UseAVX=2", size, 1, null, "-XX:UseAVX=2");
        report.decode(narrow);
        report.ratio("multiple with 256-bit vectors / with the widest", narrow.multiple() / one.multiple(), "≥ 0.8");
    }

    /** The whole encode on one thread and on two, and libtorch's encoder of the same weights on one. */
    private void encode() throws IOException, InterruptedException {
        Path vae = folder.resolve("both"), ours = folder.resolve("wanvae-moments.raw");
        if (!Files.exists(vae.resolve("config.json")))
            GeneratedVae.writeVae(WanConfig.WAN_2_1, Rival.SEED, DType.F32, vae, EnumSet.allOf(Half.class));
        Size size = quick ? SMALL : TARGET;
        LatentShape pictures = new LatentShape(1, 3, size.videoFrames(), 8 * size.height(), 8 * size.width());
        double gflop = VaeFamily.of(WanConfig.WAN_2_1)
                        .encodeOperations(WanConfig.WAN_2_1, pictures)
                        .all()
                / 1e9;
        Row one = null;
        for (int threads = 1; threads <= Math.min(2, Child.processors().size()); threads++) {
            Flat result = new Child(threads)
                    .run(Encode.class, vae, size, threads, quick ? 3 : 4, threads == 1 ? ours : "-")
                    .getLast();
            Row row = new Row(
                    "wanvae, encoding to latents " + size,
                    threads,
                    gflop,
                    0,
                    seconds(result, threads, ""),
                    result.number("peak_gflops"),
                    result.number("peak_memory_mb"),
                    "%.0f-bit vectors".formatted(result.number("vector_bits")));
            report.decode(row);
            if (threads == 1) one = row;
        }
        report.ratio(
                "whole encode to latents %s, %.0f GFLOP: multiple of the FMA peak".formatted(size, gflop),
                one.multiple(),
                "≥ 4.5");
        if (quick) return;
        Path theirs = folder.resolve("libtorch-moments.raw");
        Flat result = new Child(1, "-Xmx1g")
                .run(RivalEncode.class, vae, size, 1, theirs)
                .getLast();
        Row row = new Row(
                "libtorch 2.13 fp32, encoding to latents " + size,
                1,
                gflop,
                0,
                seconds(result, 1, ""),
                result.number("peak_gflops"),
                result.number("peak_memory_mb"),
                "");
        double difference = Moments.difference(theirs, ours);
        report.decode(row.withNote("ours to %.1e".formatted(difference)));
        if (difference <= Picture.tolerance("fp32"))
            report.ratio("libtorch fp32 / wanvae, seconds of an encode", row.seconds() / one.seconds(), "≥ 6");
    }

    /** HunyuanVideo's decoder, all frames in one tile. */
    private void hunyuan() throws IOException, InterruptedException {
        Path vae = folder.resolve("hunyuan");
        if (!Files.exists(vae.resolve("config.json")))
            GeneratedVae.writeVae(HunyuanConfig.HUNYUAN_VIDEO, Rival.SEED, DType.F32, vae, EnumSet.of(Half.DECODER));
        for (int threads = 1; threads <= Math.min(2, Child.processors().size()); threads++) {
            Flat result = run(vae, TARGET, threads, 3, "-");
            double gflop = VaeFamily.of(HunyuanConfig.HUNYUAN_VIDEO)
                            .operations(HunyuanConfig.HUNYUAN_VIDEO, TARGET.latents())
                            .all()
                    / 1e9;
            Row row = new Row(
                    "wanvae, HunyuanVideo, latents " + TARGET,
                    threads,
                    gflop,
                    0,
                    seconds(result, threads, ""),
                    result.number("peak_gflops"),
                    result.number("peak_memory_mb"),
                    "%.0f-bit vectors".formatted(result.number("vector_bits")));
            report.decode(row);
            if (threads == 1)
                report.ratio(
                        "HunyuanVideo, latents %s, %.0f GFLOP: multiple of the FMA peak".formatted(TARGET, gflop),
                        row.multiple(),
                        "≥ 4");
        }
    }

    /** The tiny autoencoder of Wan 2.1 at 832x480, and libtorch with the same weights. */
    private void tiny() throws IOException, InterruptedException {
        TaeConfig config = TaeConfig.of(TaeModel.TAEW2_1);
        Path vae = folder.resolve("taew2_1");
        if (!Files.exists(vae.resolve("config.json")))
            GeneratedVae.writeVae(config, Rival.SEED, DType.F32, vae, EnumSet.of(Half.DECODER));
        Size size = quick ? SMALL : TINY;
        double gflop = VaeFamily.of(config).operations(config, size.latents()).all() / 1e9, fastest = 0;
        Path picture = folder.resolve("taew2_1.raw"), other = folder.resolve("libtorch-taew2_1.raw");
        for (int threads = 1; threads <= Math.min(2, Child.processors().size()); threads++) {
            Row row = row("wanvae, taew2_1, latents " + size, threads, gflop, run(vae, size, threads, 4, picture));
            report.decode(row);
            report.ratio(
                    "taew2_1, latents %s, %d threads: multiple of the FMA peak".formatted(size, threads),
                    row.multiple(),
                    "≥ 3");
            fastest = row.seconds();
            Flat result = new Child(threads, "-Xmx1g")
                    .run(Rival.class, vae, size, threads, "fp32", other)
                    .getLast();
            double difference = Picture.difference(other, picture);
            Row rival = row("libtorch 2.13 fp32, taew2_1, latents " + size, threads, gflop, result)
                    .withNote("ours to %.1e".formatted(difference));
            report.decode(rival);
            if (difference <= Picture.tolerance("fp32"))
                report.ratio("libtorch fp32 / wanvae, taew2_1, seconds", rival.seconds() / fastest, "none");
        }
        report.ratio("taew2_1: frames of the video a second", size.videoFrames() / fastest, "none");
    }

    private static Row row(String what, int threads, double gflop, Flat result) {
        return new Row(
                what,
                threads,
                gflop,
                0,
                seconds(result, threads, ""),
                result.number("peak_gflops"),
                result.number("peak_memory_mb"),
                "");
    }

    private Row decodeOnOneThread(Size size) throws IOException, InterruptedException {
        oneThread = ours("wanvae", size, 1, folder.resolve("wanvae.raw"));
        report.decode(oneThread);
        return oneThread;
    }

    /**
     * The frames after the first, whose chunk is another; the groups of four latent frames that follow it all cost the
     * same.
     */
    private void steady(Size size) throws IOException, InterruptedException {
        Size first = new Size(1, size.height(), size.width());
        for (int threads = 1; threads <= Math.min(2, Child.processors().size()); threads++) {
            Flat result = run(weights, size, threads, 1, "-");
            double seconds = seconds(result, threads, "") - seconds(result, threads, "first_frame_");
            double peak = result.number("peak_gflops"), memory = result.number("peak_memory_mb");
            String what = "latents 2..%d of %s".formatted(size.frames(), size);
            Row row = new Row(
                    "wanvae, " + what,
                    threads,
                    gflop(size) - gflop(first),
                    0,
                    seconds,
                    peak,
                    memory,
                    "%.2f s a frame".formatted(seconds / (size.videoFrames() - 1)));
            report.decode(row);
            if (threads == 1) report.ratio(what + ": multiple of the FMA peak", row.multiple(), "≥ 4.5");
            if (threads == 1)
                report.ratio(
                        "resident memory at " + 8 * size.height() + "x" + 8 * size.width() + ", GB",
                        memory / 1e3,
                        "≤ 6");
        }
    }

    /**
     * From the start of the command line to its first frame, 480x832, weights in a .wanvae file; and the first frame of
     * a warm process with them open.
     */
    private void start() throws IOException, InterruptedException {
        Path latents = folder.resolve("one-frame.safetensors"), wanvae = folder.resolve("vae.wanvae");
        GeneratedVae.writeLatents(ONE_FRAME.latents(), Rival.SEED, latents);
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            WanvaeFile.write(
                    checkpoint,
                    wanvae,
                    ConvertOptions.DEFAULT.withDtype(DType.F32).decoderOnly());
        }
        int threads = Math.min(2, Child.processors().size());
        double warm = new Child(threads)
                .run(Decode.class, weights, ONE_FRAME, threads, 1 + STARTS, "-", "fresh")
                .getLast()
                .number("first_frame_seconds");
        List<String> command = List.of(
                "scripts/wanvae",
                "decode",
                latents.toString(),
                "-w",
                wanvae.toString(),
                "-o",
                "-",
                "-q",
                "--threads",
                "" + threads);
        new Child(threads)
                .secondsToOutput(
                        List.of("scripts/wanvae", "--version"), 1); // the first start after a build prepares others
        double cold = Double.MAX_VALUE;
        for (int i = 0; i < STARTS; i++)
            cold = Math.min(cold, new Child(threads).secondsToOutput(command, 8 * 60 * 8 * 104 * 3 / 2));
        report.ratio(
                "process start to first frame, 480x832, %d threads, best of %d, seconds".formatted(threads, STARTS),
                cold,
                "none");
        report.ratio("the same / first frame of a warm process", cold / warm, "≤ 1.5");
    }

    /** libtorch on one thread, beside our decode of the same latents. */
    private void rival() throws IOException, InterruptedException {
        Size size = quick ? SMALL : TARGET;
        Row ours = oneThread != null ? oneThread : decodeOnOneThread(size);
        rival(size, "fp32", LEAST_FP32, ours, "≥ 7");
        rival(size, "bf16", LEAST_BF16, ours, "≥ 4");
    }

    private void rival(Size size, String type, double least, Row ours, String target)
            throws IOException, InterruptedException {
        Path picture = folder.resolve("libtorch-" + type + ".raw");
        Flat result = new Child(1, "-Xmx1g")
                .run(Rival.class, weights, size, 1, type, picture)
                .getLast();
        Row row = new Row(
                "libtorch 2.13 " + type + ", latents " + size,
                1,
                gflop(size),
                0,
                seconds(result, 1, ""),
                result.number("peak_gflops"),
                result.number("peak_memory_mb"),
                "golden picture to %.1e".formatted(result.number("golden_error")));
        double difference = Picture.difference(picture, folder.resolve("wanvae.raw"));
        boolean same = difference <= Picture.tolerance(type), fast = row.multiple() >= least;
        report.decode(row.withNote("ours to %.1e".formatted(difference))
                .withNote(
                        same && fast
                                ? "valid"
                                : "INVALID: " + (same ? "below %.2f × peak".formatted(least) : "another picture")));
        if (same && fast)
            report.ratio("libtorch " + type + " / wanvae, seconds", row.seconds() / ours.seconds(), target);
    }

    private Row ours(String what, Size size, int threads, Path picture, String... jvmArguments)
            throws IOException, InterruptedException {
        Flat result = run(weights, size, threads, quick ? 3 : 4, picture == null ? "-" : picture, jvmArguments);
        return new Row(
                what + ", latents " + size,
                threads,
                gflop(size),
                0,
                seconds(result, threads, ""),
                result.number("peak_gflops"),
                result.number("peak_memory_mb"),
                "%.0f-bit vectors".formatted(result.number("vector_bits")));
    }

    /**
     * Of one pinned thread the processor time, compiler and collector included: what others take of its processor is
     * not its doing.
     */
    private static double seconds(Flat result, int threads, String what) {
        return result.number(what + (threads == 1 ? "cpu_seconds" : "seconds"));
    }

    private static Flat run(Path weights, Size size, int threads, int times, Object picture, String... jvmArguments)
            throws IOException, InterruptedException {
        return new Child(threads, jvmArguments)
                .run(Decode.class, weights, size, threads, times, picture)
                .getLast();
    }
}
