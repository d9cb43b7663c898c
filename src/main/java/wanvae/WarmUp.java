package wanvae;

import java.util.List;
import wanvae.checkpoint.GeneratedWeights;
import wanvae.checkpoint.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/**
 * Has the arithmetic compiled while weights are read: a thread decodes a frame of a tiny model of the same kind, again and again. Vector code that is not
 * compiled yet runs a hundred times slower, and on a frame of the real model all threads would spend seconds in it and take the processors from the
 * compiler. Once in a process is enough: {@link WanVae#open} begins it and waits for it; who has something else to do before may begin it earlier.
 */
public final class WarmUp implements AutoCloseable {
    private static WarmUp only;
    /** Compiled, a decode takes a two-hundredth of the first one's time or less. On a busy machine it never seems to, hence the most. */
    private static final int FASTER = 128, MOST = 60;
    /** Channels: a full panel of the matrix product. */
    private static final int WIDTH = 32;
    /** Of the latents: so small that everything is called often, so large that norms and attention are among it. */
    private static final int SIDE = 8;

    private final Thread thread;
    private volatile boolean enough;

    WarmUp(WanConfig tiny) {
        thread = Thread.ofPlatform().daemon().name("wanvae-warm-up").start(() -> run(tiny));
    }

    /**
     * Begins with what all models have in common. Opening one then waits for it.
     *
     * @return the process's only one, ended or not; closing it stops its thread
     */
    public static WarmUp begin() {
        return begin(WanConfig.WAN_2_1);
    }

    static synchronized WarmUp begin(WanConfig config) {
        if (only == null) only = new WarmUp(tiny(config));
        return only;
    }

    /** A model with every kind of layer that the large one's first frame goes through. */
    static WanConfig tiny(WanConfig config) {
        return new WanConfig(config.className(), WIDTH, config.zDim(), List.of(1, 1), 0, List.of(true), config.latentsMean(), config.latentsStd(),
                config.isResidual(), config.outChannels(), config.patchSize());
    }

    private void run(WanConfig tiny) {
        try (WanVae vae = WanVae.open(new GeneratedWeights(tiny, 1), new OpenOptions(false, false, 1, false))) {
            Latents latents = GeneratedWeights.latents(new LatentShape(1, tiny.zDim(), 1, SIDE, SIDE), 1);
            DecodeOptions options = DecodeOptions.DEFAULT.withThreads(1).withCancelled(() -> enough);
            long first = 0, last = 0;
            for (int i = 0; i < MOST && (i < 2 || last > first / FASTER); i++) {
                long start = System.nanoTime();
                vae.decode(latents, (member, index, frame) -> {}, options);
                last = System.nanoTime() - start;
                if (i == 0) first = last;
            }
        } catch (Throwable e) {
            // Cancelled, or short of memory: the real decode begins more slowly, or has its own to say about it.
        }
    }

    /** Waits until the arithmetic is compiled. An interruption ends that and stays. */
    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, finished or not. */
    @Override
    public void close() {
        enough = true;
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
