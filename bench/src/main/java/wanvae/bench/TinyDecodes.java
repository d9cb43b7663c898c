package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import wanvae.config.Half;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;

/** The tiny autoencoder of Wan 2.1 at 832x480, and libtorch with the same weights. */
final class TinyDecodes {
    private static final Size SIZE = new Size(5, 60, 104);

    private TinyDecodes() {}

    static void run(Session session) throws IOException, InterruptedException {
        TaeConfig config = TaeConfig.of(TaeModel.TAEW2_1);
        Path vae = session.weights(config, "taew2_1", EnumSet.of(Half.DECODER));
        Report report = session.report();
        Size size = session.quick() ? session.size() : SIZE;
        double gflop = Session.gflop(config, size), fastest = 0;
        Path picture = session.file("taew2_1.raw"), other = session.file("libtorch-taew2_1.raw");
        for (int threads = 1; threads <= Session.mostThreads(); threads++) {
            Row row = Session.row(
                    "wanvae, taew2_1, latents " + size, threads, gflop, Session.decode(vae, size, threads, 4, picture));
            report.decode(row);
            report.ratio(
                    "taew2_1, latents %s, %d threads: multiple of the FMA peak".formatted(size, threads),
                    row.multiple(),
                    "≥ 3");
            fastest = row.seconds();
            String what = "libtorch 2.13 fp32, taew2_1, latents " + size;
            Optional<Flat> result =
                    session.rivals().measure(what, threads, Rival.class, vae, size, threads, "fp32", other);
            if (result.isEmpty()) continue;
            double difference = Picture.difference(other, picture);
            Row rival = Session.row(what, threads, gflop, result.get()).withNote("ours to %.1e".formatted(difference));
            report.decode(rival);
            if (difference <= Picture.tolerance("fp32"))
                report.ratio("libtorch fp32 / wanvae, taew2_1, seconds", rival.seconds() / fastest, "none");
        }
        report.ratio("taew2_1: frames of the video a second", size.videoFrames() / fastest, "none");
    }
}
