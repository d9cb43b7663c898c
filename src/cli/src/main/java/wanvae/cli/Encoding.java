package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.WanVae;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.encode.Posterior;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentWriting;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;

/** Runs an encode with a progress bar and a report on standard error. */
record Encoding(Console console, Interruption interruption, boolean quiet) {
    /**
     * Encodes into a file.
     *
     * @param dtype    type of the numbers in the file
     * @param replaces whether a file of this name is replaced
     */
    void run(WanVae vae, FrameSource video, EncodeOptions options, Path out, DType dtype, boolean replaces)
            throws IOException {
        long start = System.nanoTime();
        Latents latents = run(vae, video, options);
        LatentWriting.write(latents, out, dtype, replaces);
        say("Wrote " + out + ": latents " + latents.shape() + ", "
                + Report.time(latents.shape().frames() * latents.shape().batch(), (System.nanoTime() - start) / 1e9)
                + ".");
        if (!latents.normalized() && !(options.posterior() instanceof Posterior.Moments))
            say("Note: these latents are not normalised: 'wanvae decode' takes them with --latents raw.");
    }

    /** Encodes into memory. */
    Latents run(WanVae vae, FrameSource video, EncodeOptions options) throws IOException {
        EncodePlan plan = vae.planEncode(video.shape(), options);
        tellWhatIsLeftOut(video.shape(), plan.encoded());
        if (plan.memory() <= plan.limit())
            say(vae.config().family() + ": "
                    + (plan.encoded().frames() == VideoShape.UNKNOWN
                            ? "a video of " + plan.encoded().width() + "x"
                                    + plan.encoded().height()
                            : Report.video(plan.encoded()))
                    + " to latents, with " + (plan.threads() == 1 ? "1 thread" : plan.threads() + " threads") + " and "
                    + ByteSize.text(plan.memory()) + " of memory.");
        if (plan.bounded())
            say("This machine has " + ByteSize.text(plan.limit()) + " to offer, so it goes slower in less memory: "
                    + plan.steps().getFirst() + ".");
        try (ProgressBar bar = new ProgressBar(console, quiet)) {
            return vae.encode(video, options.withListener(bar::progress).withCancelled(interruption));
        }
    }

    private void tellWhatIsLeftOut(VideoShape all, VideoShape encoded) {
        if (encoded.frames() < all.frames())
            say("Note: " + (all.frames() - encoded.frames()) + " of " + all.frames()
                    + " frames make no latent frame and are left out (--fit pad keeps them).");
        if (encoded.height() < all.height() || encoded.width() < all.width())
            say("Note: " + encoded.width() + "x" + encoded.height() + " of " + all.width() + "x" + all.height()
                    + " pixels become latents; those at the right and the bottom are left out (--fit says otherwise).");
    }

    private void say(String line) {
        if (!quiet) console.err().println(line);
    }
}
