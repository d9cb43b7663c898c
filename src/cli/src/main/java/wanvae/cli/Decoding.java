package wanvae.cli;

import java.io.IOException;
import wanvae.WanVae;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.latent.Latents;
import wanvae.video.picture.PictureSink;

/** Runs a decode with a progress bar and a report on standard error, for {@code decode} and {@code demo}. */
record Decoding(Console console, Interruption interruption, boolean quiet) {
    /**
     * Decodes into a sink.
     *
     * @param what names the output in the report
     */
    void run(WanVae vae, Latents latents, DecodeOptions options, PictureSink output, String what) throws IOException {
        long start = System.nanoTime();
        DecodePlan plan = vae.plan(latents, options);
        if (plan.memory() <= plan.limit())
            say(vae.config().family() + ": latents " + latents.shape() + " become " + Report.video(plan.video())
                    + ", with " + (plan.threads() == 1 ? "1 thread" : plan.threads() + " threads") + " and "
                    + ByteSize.text(plan.memory()) + " of memory.");
        if (plan.bounded())
            say("This machine has " + ByteSize.text(plan.limit()) + " to offer, so it goes slower in less memory: "
                    + plan.steps().getFirst() + ".");
        try (ProgressBar bar = new ProgressBar(console, quiet)) {
            vae.decode(latents, output, options.withListener(bar).withCancelled(interruption));
        }
        output.warnings().forEach(warning -> say("Note: " + warning + "."));
        int frames = plan.video().members() * plan.video().frames();
        say("Wrote " + what + ": " + Report.video(plan.video()) + ", "
                + Report.time(frames, (System.nanoTime() - start) / 1e9) + ".");
    }

    private void say(String line) {
        if (!quiet) console.err().println(line);
    }
}
