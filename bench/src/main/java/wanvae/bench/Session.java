package wanvae.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;

/** What the parts of a benchmark share: where files lie, the report, and how a measurement becomes a row of it. */
final class Session {
    private static final Size TARGET = new Size(5, 32, 32), SMALL = new Size(2, 32, 32);

    private final boolean quick;
    private final Report report;
    private final Path folder;
    private final Rivals rivals;
    private Row oneThread;

    /** @param folder for weights, pictures and the report; kept, so that the next benchmark finds the weights */
    Session(boolean quick, Report report, Path folder) {
        this.quick = quick;
        this.report = report;
        this.folder = folder;
        this.rivals = new Rivals(report);
    }

    boolean quick() {
        return quick;
    }

    Report report() {
        return report;
    }

    Rivals rivals() {
        return rivals;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Size of the latents of whole decodes and encodes. */
    Size size() {
        return quick ? SMALL : TARGET;
    }

    /** One thread, and two where there are two processors. */
    static int mostThreads() throws IOException {
        return Math.min(2, Child.processors().size());
    }

    /** Wan 2.1's decoder. */
    Path weights() throws IOException {
        return weights(WanConfig.WAN_2_1, "vae", EnumSet.of(Half.DECODER));
    }

    /** The folder of a generated VAE, written if it is not there yet. */
    Path weights(VaeConfig config, String name, Set<Half> halves) throws IOException {
        Path vae = folder.resolve(name);
        if (!Files.exists(vae.resolve("config.json")))
            GeneratedVae.writeVae(config, Rival.SEED, DType.F32, vae, halves);
        return vae;
    }

    /** Operations of a decode, in 10^9. */
    static <C extends VaeConfig> double gflop(C config, Size size) {
        return VaeFamily.of(config).operations(config, size.latents()).all() / 1e9;
    }

    static double gflop(Size size) {
        return gflop(WanConfig.WAN_2_1, size);
    }

    /** Our decode of Wan 2.1 on one thread, which others are compared with; measured and reported once. */
    Row oneThread() throws IOException, InterruptedException {
        if (oneThread == null) {
            oneThread = ours("wanvae", 1, file("wanvae.raw"));
            report.decode(oneThread);
        }
        return oneThread;
    }

    /** Our decode of Wan 2.1. */
    Row ours(String what, int threads, Object picture, String... jvmArguments)
            throws IOException, InterruptedException {
        Flat result = decode(weights(), size(), threads, quick ? 3 : 4, picture, jvmArguments);
        return row(what + ", latents " + size(), threads, gflop(size()), result);
    }

    static Flat decode(Path weights, Size size, int threads, int times, Object picture, String... jvmArguments)
            throws IOException, InterruptedException {
        return new Child(threads, jvmArguments).run(Decode.class, weights, size, threads, times, picture);
    }

    static Row row(String what, int threads, double gflop, Flat result) {
        return new Row(
                what,
                threads,
                gflop,
                0,
                seconds(result, threads, ""),
                result.number("peak_gflops"),
                result.number("peak_memory_mb"),
                result.has("vector_bits") ? "%.0f-bit vectors".formatted(result.number("vector_bits")) : "");
    }

    /**
     * Of one pinned thread the processor time, compiler and collector included: what others take of its processor is
     * not its doing.
     */
    static double seconds(Flat result, int threads, String what) {
        return result.number(what + (threads == 1 ? "cpu_seconds" : "seconds"));
    }
}
