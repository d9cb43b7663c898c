package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.latent.LatentShape;

/** Whole encodes by Wan 2.1 on one thread and on two, and by libtorch with the same weights on one. */
final class WholeEncodes {
    private WholeEncodes() {}

    static void run(Session session) throws IOException, InterruptedException {
        Path vae = session.weights(WanConfig.WAN_2_1, "both", EnumSet.allOf(Half.class)),
                ours = session.file("wanvae-moments.raw");
        Size size = session.size();
        Report report = session.report();
        LatentShape pictures = new LatentShape(1, 3, size.videoFrames(), 8 * size.height(), 8 * size.width());
        double gflop = VaeFamily.of(WanConfig.WAN_2_1)
                        .encodeOperations(WanConfig.WAN_2_1, pictures)
                        .all()
                / 1e9;
        Row one = null;
        for (int threads = 1; threads <= Session.mostThreads(); threads++) {
            Flat result = new Child(threads)
                    .run(Encode.class, vae, size, threads, session.quick() ? 3 : 4, threads == 1 ? ours : "-");
            Row row = Session.row("wanvae, encoding to latents " + size, threads, gflop, result);
            report.decode(row);
            if (threads == 1) one = row;
        }
        report.ratio(
                "whole encode to latents %s, %.0f GFLOP: multiple of the FMA peak".formatted(size, gflop),
                one.multiple(),
                "≥ 4.5");
        if (session.quick()) return;
        Path theirs = session.file("libtorch-moments.raw");
        String what = "libtorch 2.13 fp32, encoding to latents " + size;
        Optional<Flat> result = session.rivals().measure(what, 1, RivalEncode.class, vae, size, 1, theirs);
        if (result.isEmpty()) return;
        double difference = Moments.difference(theirs, ours);
        Row row = Session.row(what, 1, gflop, result.get()).withNote("ours to %.1e".formatted(difference));
        report.decode(row);
        if (difference <= Picture.tolerance("fp32"))
            report.ratio("libtorch fp32 / wanvae, seconds of an encode", row.seconds() / one.seconds(), "≥ 6");
    }
}
