package wanvae.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;

/** Whole decodes by full-size decoders. */
final class WholeDecodes {
    private WholeDecodes() {}

    /** Wan 2.1, warm, on one thread, on two, and with 256-bit vectors. */
    static void wan(Session session) throws IOException, InterruptedException {
        Size size = session.size();
        Report report = session.report();
        Row one = session.oneThread();
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
        if (Session.mostThreads() > 1) {
            Row two = session.ours("wanvae", 2, "-");
            report.decode(two);
            report.ratio("two threads / one", one.seconds() / two.seconds(), "≥ 1.9");
        }
        if (session.quick()) return;
        Row narrow = session.ours("wanvae, -XX:UseAVX=2", 1, "-", "-XX:UseAVX=2");
        report.decode(narrow);
        report.ratio("multiple with 256-bit vectors / with the widest", narrow.multiple() / one.multiple(), "≥ 0.9");
    }

    /**
     * The frames after the first, whose chunk is another; the groups of four latent frames that follow it all cost the
     * same.
     */
    static void steady(Session session, Size size) throws IOException, InterruptedException {
        Report report = session.report();
        Size first = new Size(1, size.height(), size.width());
        for (int threads = 1; threads <= Session.mostThreads(); threads++) {
            Flat result = Session.decode(session.weights(), size, threads, 1, "-");
            double seconds = Session.seconds(result, threads, "") - Session.seconds(result, threads, "first_frame_");
            double peak = result.number("peak_gflops"), memory = result.number("peak_memory_mb");
            String what = "latents 2..%d of %s".formatted(size.frames(), size);
            Row row = new Row(
                    "wanvae, " + what,
                    threads,
                    Session.gflop(size) - Session.gflop(first),
                    0,
                    seconds,
                    peak,
                    memory,
                    "%.2f s a frame".formatted(seconds / (size.videoFrames() - 1)));
            report.decode(row);
            if (threads > 1) continue;
            report.ratio(what + ": multiple of the FMA peak", row.multiple(), "≥ 4.5");
            report.ratio(
                    "resident memory at " + 8 * size.height() + "x" + 8 * size.width() + ", GB", memory / 1e3, "≤ 6");
        }
    }

    /** HunyuanVideo, all frames in one tile. */
    static void hunyuan(Session session) throws IOException, InterruptedException {
        Path vae = session.weights(HunyuanConfig.HUNYUAN_VIDEO, "hunyuan", EnumSet.of(Half.DECODER));
        Size size = session.size();
        double gflop = Session.gflop(HunyuanConfig.HUNYUAN_VIDEO, size);
        for (int threads = 1; threads <= Session.mostThreads(); threads++) {
            Flat result = Session.decode(vae, size, threads, 3, "-");
            Row row = Session.row("wanvae, HunyuanVideo, latents " + size, threads, gflop, result);
            session.report().decode(row);
            if (threads == 1)
                session.report()
                        .ratio(
                                "HunyuanVideo, latents %s, %.0f GFLOP: multiple of the FMA peak".formatted(size, gflop),
                                row.multiple(),
                                "≥ 4");
        }
    }
}
