package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.checkpoint.WanvaeFile;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;

/**
 * From the start of the command line to its first frame, 832x480, weights in a .wanvae file; and the first frame of a
 * warm process with them open.
 */
final class Starts {
    private static final Size ONE_FRAME = new Size(1, 60, 104);
    /** A user starts a command once and waits as long as it takes, so it is the median that counts, not the best. */
    private static final int TIMES = 5;

    private Starts() {}

    static void run(Session session) throws IOException, InterruptedException {
        Path latents = session.file("one-frame.safetensors"), wanvae = session.file("vae.wanvae");
        GeneratedVae.writeLatents(ONE_FRAME.latents(), Rival.SEED, latents);
        try (Checkpoint checkpoint = Checkpoint.open(session.weights())) {
            WanvaeFile.write(
                    checkpoint,
                    wanvae,
                    ConvertOptions.DEFAULT.withDtype(DType.F32).decoderOnly());
        }
        int threads = Session.mostThreads();
        double warm = new Child(threads)
                .run(Decode.class, session.weights(), ONE_FRAME, threads, 1 + TIMES, "-", "fresh")
                .number("median_first_frame_seconds");
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
        Child child = new Child(threads);
        child.secondsToOutput(
                List.of("scripts/wanvae", "--version"), 1); // the first start after a build prepares others
        Samples cold = new Samples();
        for (int i = 0; i < TIMES; i++) cold = cold.with(child.secondsToOutput(command, 8 * 60 * 8 * 104 * 3 / 2));
        Report report = session.report();
        report.ratio(
                "process start to first frame, 832x480, %d threads, median of %d (%.2f to %.2f), seconds"
                        .formatted(threads, TIMES, cold.least(), cold.most()),
                cold.median(),
                "none");
        report.ratio(
                "the same / first frame of a warm process, median of %d".formatted(TIMES),
                cold.median() / warm,
                "≤ 1.5");
    }
}
