package wanvae.strategy;

import java.io.IOException;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.Tiling;

/**
 * A decode that is planned and may run.
 *
 * @param plan      what it will cost
 * @param decoding  runs it
 * @param leftBytes bytes of the plan's memory that are transformed weights left by earlier decodes
 * @param options   what it was planned for
 * @param config    configuration of the VAE
 */
public record PlannedDecode(
        DecodePlan plan, Decoding decoding, long leftBytes, DecodeOptions options, VaeConfig config) {
    /** Refuses a decode that takes more memory than it may. */
    public void requireMemory() throws IOException {
        if (plan.memory() <= plan.limit()) return;
        boolean couldBePieces = options.tiling() == Tiling.OFF && config.decodesInPieces();
        throw new IOException("Decoding " + plan.video().width() + "x"
                + plan.video().height()
                + (options.tiling() == Tiling.OFF ? "" : " in these tiles")
                + " takes at least " + Bytes.text(plan.memory()) + " of memory"
                + (leftBytes == 0
                        ? ""
                        : ", " + Bytes.text(leftBytes) + " of it weights that earlier decodes left transformed")
                + ", but "
                + (plan.limit() == options.memoryLimitBytes().orElse(-1) ? "was given " : "this machine has ")
                + Bytes.text(plan.limit())
                + (couldBePieces ? "." : "; smaller tiles take less, but they change the result, so none are chosen."));
    }

    /** The failure of a decode that the system has less memory for than planned. */
    public IOException outOfMemory(String latents, OutOfMemoryError e) {
        return new IOException(
                "Not enough memory: decoding " + latents + " takes " + Bytes.text(decoding.bytes(plan.threads()))
                        + " beside the weights.",
                e);
    }
}
