package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.function.Supplier;
import wanvae.config.VaeConfig;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.latent.EncodedShape;
import wanvae.latent.LatentSink;
import wanvae.runtime.Callbacks;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;

/**
 * An encode that is planned and may run.
 *
 * @param plan         what it will cost
 * @param encoding     runs it
 * @param options      what it was planned for
 * @param config       configuration of the VAE
 * @param hasPosterior whether its encoder gives moments
 */
public record PlannedEncode(
        EncodePlan plan, Encoding encoding, EncodeOptions options, VaeConfig config, boolean hasPosterior) {
    /** Refuses an encode that takes more memory than it may. */
    public void requireMemory() throws IOException {
        if (plan.memory() <= plan.limit()) return;
        throw new IOException("Encoding " + size() + " takes at least " + Bytes.text(plan.memory())
                + " of memory, but "
                + (plan.limit() == options.memoryLimitBytes().orElse(-1) ? "was given " : "this machine has ")
                + Bytes.text(plan.limit()) + ".");
    }

    private String size() {
        return plan.encoded().width() + "x" + plan.encoded().height();
    }

    /**
     * Encodes every member in turn.
     *
     * @param callbacks what the caller's source, sink and listener are called through
     * @param team      threads that compute
     * @param arenas    makes the arenas that own the encode's memory, which may hold any values
     * @throws FormatException if the video has no frames, or {@link Encoding#run} refuses it
     */
    public void run(FrameSource source, LatentSink sink, Callbacks callbacks, Team team, Supplier<Arena> arenas)
            throws IOException {
        EncodedShape shape = plan.latents();
        int total = shape.frames() == EncodedShape.UNKNOWN ? shape.frames() : shape.members() * shape.frames();
        int[] done = {0};
        FrameSource theirs = new FrameSource() {
            @Override
            public VideoShape shape() {
                return source.shape();
            }

            @Override
            public Optional<Frame> next() throws IOException {
                return callbacks.<Optional<Frame>, IOException>call(source::next);
            }
        };
        Encoding.Consumer latents = new PosteriorOutput(
                config, hasPosterior, shape.height() * shape.width(), options, (member, index, values) -> {
                    call(callbacks, () -> sink.frame(member, index, values));
                    done[0]++;
                });
        call(callbacks, () -> sink.begin(shape));
        encoding.run(
                theirs,
                latents,
                new EncodeRun(
                        team,
                        arenas,
                        options.allowNonfinite(),
                        work -> tell(callbacks, done[0], total, total < 0 ? 0 : work)));
        if (done[0] == 0) throw new FormatException("The video has no frames.");
        call(callbacks, sink::finish);
        tell(callbacks, done[0], done[0], 1);
    }

    private void tell(Callbacks callbacks, int done, int total, double work) {
        callbacks.call(() -> {
            options.listener().progress(done, total, work);
            return null;
        });
    }

    /** A call of the caller's code. */
    private interface Call {
        void run() throws IOException;
    }

    private static void call(Callbacks callbacks, Call code) throws IOException {
        callbacks.<Void, IOException>call(() -> {
            code.run();
            return null;
        });
    }

    /** The failure of an encode that the system has less memory for than planned. */
    public IOException outOfMemory(OutOfMemoryError e) {
        return new IOException(
                "Not enough memory: encoding " + size() + " takes " + Bytes.text(encoding.bytes(plan.threads()))
                        + " beside the weights.",
                e);
    }
}
