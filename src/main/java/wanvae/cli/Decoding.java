package wanvae.cli;

import java.io.IOException;
import java.io.PrintStream;
import wanvae.DecodeOptions;
import wanvae.DecodePlan;
import wanvae.WanVae;
import wanvae.latent.Latents;
import wanvae.video.ClipWriter;
import wanvae.video.FrameQueue;
import wanvae.video.FrameSink;

/** A decode with a progress bar and a report on standard error: shared by {@code decode} and {@code demo}. */
record Decoding(Console console, Interruption interruption, boolean quiet) {
    /** Frames that may wait for a slow encoder before the decoder does. */
    private static final int WAITING_FRAMES = 8;

    /**
     * Decodes into a sink and closes it.
     *
     * @param what what the output is, for the report
     */
    void run(WanVae vae, Latents latents, DecodeOptions options, FrameSink output, String what) throws IOException {
        long start = System.nanoTime();
        PrintStream terminal = console.terminal() && !quiet ? console.err() : null;
        DecodePlan plan;
        try (FrameSink sink = new FrameQueue(output, WAITING_FRAMES);
             ProgressBar bar = new ProgressBar(terminal)) {
            plan = vae.plan(latents.shape(), options);
            say(vae.config().family() + ": latents " + latents.shape() + " become " + Report.video(plan.video()) + ", with "
                    + (plan.threads() == 1 ? "1 thread" : plan.threads() + " threads") + " and " + ByteSize.text(plan.memory()) + " of memory.");
            vae.decode(latents, sink, options.withListener(bar).withCancelled(interruption));
        }
        if (output instanceof ClipWriter clips) clips.warnings().forEach(warning -> say("Note: " + warning + "."));
        int frames = plan.video().members() * plan.video().frames();
        say("Wrote " + what + ": " + Report.video(plan.video()) + ", " + Report.time(frames, (System.nanoTime() - start) / 1e9) + ".");
    }

    private void say(String line) {
        if (!quiet) console.err().println(line);
    }
}
