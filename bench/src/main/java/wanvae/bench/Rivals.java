package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * libtorch, measured beside us. It is a native library that others have built, so its failure is no failure of the
 * benchmark: a row says so, and the benchmark goes on.
 */
final class Rivals {
    /** What a decode must reach, in FMA peaks, lest its settings be wrong. */
    private static final double LEAST_FP32 = 0.58, LEAST_BF16 = 1.0;

    private final Report report;
    private boolean prepared;

    Rivals(Report report) {
        this.report = report;
    }

    /** Decodes Wan 2.1 on one thread, in both types, beside our decode of the same latents. */
    static void run(Session session) throws IOException, InterruptedException {
        Row ours = session.oneThread();
        run(session, "fp32", LEAST_FP32, ours, "≥ 7");
        run(session, "bf16", LEAST_BF16, ours, "≥ 4");
    }

    private static void run(Session session, String type, double least, Row ours, String target)
            throws IOException, InterruptedException {
        Path picture = session.file("libtorch-" + type + ".raw");
        String what = "libtorch 2.13 " + type + ", latents " + session.size();
        Optional<Flat> result =
                session.rivals().measure(what, 1, Rival.class, session.weights(), session.size(), 1, type, picture);
        if (result.isEmpty()) return;
        Row row = Session.row(what, 1, Session.gflop(session.size()), result.get())
                .withNote("golden picture to %.1e".formatted(result.get().number("golden_error")));
        double difference = Picture.difference(picture, session.file("wanvae.raw"));
        boolean same = difference <= Picture.tolerance(type), fast = row.multiple() >= least;
        session.report()
                .decode(row.withNote("ours to %.1e".formatted(difference))
                        .withNote(
                                same && fast
                                        ? "valid"
                                        : "INVALID: "
                                                + (same ? "below %.2f × peak".formatted(least) : "another picture")));
        if (same && fast)
            session.report().ratio("libtorch " + type + " / wanvae, seconds", row.seconds() / ours.seconds(), target);
    }

    /**
     * Runs a class's main.
     *
     * @param what what the row is to be called if that fails
     * @return what it found; nothing if it failed
     */
    Optional<Flat> measure(String what, int threads, Class<?> main, Object... arguments) throws InterruptedException {
        unpack();
        try {
            return Optional.of(new Child(threads, "-Xmx1g").run(main, arguments));
        } catch (IOException e) {
            System.err.println(e.getMessage());
            report.decode(
                    Row.failed(what, threads, e.getMessage().lines().findFirst().orElse("")));
            return Optional.empty();
        }
    }

    /**
     * Loads the libraries once in a process of its own, which unpacks half a gigabyte into the user's folder: processes
     * that did so themselves have been seen to crash, and to run on the second try. Where it fails twice, the
     * measurements will fail too and say so.
     */
    private void unpack() throws InterruptedException {
        for (int attempt = 0; attempt < 2 && !prepared; attempt++)
            try {
                new Child(1).run(RivalLibraries.class);
                prepared = true;
            } catch (IOException e) {
                System.err.println(e.getMessage());
            }
        prepared = true;
    }
}
