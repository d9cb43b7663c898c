package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wanvae.OpenOptions;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Fps;

/** The options for decoding that do not name files, shared by {@code decode} and its counterpart on a cluster. */
public final class DecodeFlags {
    @Mixin
    private WeightFamily family;

    @Option(
            names = "--allow-nonfinite",
            description = "Decode NaN and infinite values instead of refusing them (NaN becomes 0 in 8-bit outputs).")
    private boolean allowNonfinite;

    @Option(names = "--unclamped", description = "Raw samples without the clamp to [-1, 1]: for .npy and .safetensors.")
    private boolean unclamped;

    @ArgGroup(validate = false, heading = "%nVideo:%n", order = 2)
    private VideoFlags video = new VideoFlags();

    @ArgGroup(validate = false, heading = "%nHow it is computed:%n", order = 3)
    private PlanFlags plan = new PlanFlags();

    /** Opens the description of weights, as the model that {@code --family} names, if given. */
    public Checkpoint open(Path weights) throws IOException {
        return family.open(weights);
    }

    /** The options for opening the weights themselves. */
    public OpenOptions opening() {
        return OpenOptions.DEFAULT.withAllowNonfinite(allowNonfinite);
    }

    /**
     * The given options with those of the command line applied.
     *
     * @throws IOException if temporary files cannot be written where they are to go
     */
    public DecodeOptions options(DecodeOptions options) throws IOException {
        return plan.apply(options).withClamp(!unclamped).withAllowNonfinite(allowNonfinite);
    }

    /** How a video is encoded. The frame rate is the VAE's own unless the user gave one. */
    public Mp4Options encoding(VaeConfig vae) {
        return encoding(Fps.of(vae.defaultFps()));
    }

    Mp4Options encoding(Fps defaultFps) {
        return video.options(defaultFps);
    }

    /** How a preview is encoded, each of whose frames stands for several of the video. */
    Mp4Options preview(VaeConfig vae) {
        Mp4Options whole = encoding(vae);
        return VideoFlags.with(
                "--fps of the preview",
                vae.temporalScale(),
                n -> whole.withFps(whole.fps().dividedBy(n)),
                whole);
    }

    /**
     * Refuses tiles that this VAE cannot have.
     *
     * @throws UsageException if it cannot
     */
    public void requireFits(VaeConfig vae) {
        plan.requireFits(vae);
    }

    /**
     * Refuses samples without a clamp in outputs that clamp for themselves.
     *
     * @param raw whether the output is raw samples
     * @throws UsageException if it is not, and there is to be no clamp
     */
    public void requireFits(boolean raw) {
        if (unclamped && !raw)
            throw new UsageException(
                    "--unclamped is for raw samples, .npy and .safetensors: pictures clamp for themselves.");
    }
}
