package wanvae.strategy;

import java.util.EnumMap;
import java.util.Map;
import wanvae.config.Half;

/** What an open VAE holds in memory between runs: weights, and transformed weights that runs have left. Thread-safe. */
public final class Resident {
    private final Map<Half, Long> weights = new EnumMap<>(Half.class), left = new EnumMap<>(Half.class);

    /** Holds nothing yet. */
    public Resident() {}

    /** Counts the weights of a half, which take {@link wanvae.model.Weights#bytes}. */
    public synchronized void opened(Half half, long bytes) {
        weights.put(half, bytes);
    }

    /** Bytes of the weights of all halves. */
    synchronized long weights() {
        return weights.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Counts transformed weights that a run leaves in the layers of its half, where those of earlier runs stay. */
    synchronized void left(Half half, long bytes) {
        left.merge(half, bytes, Math::max);
    }

    /** Bytes of transformed weights in the layers of a half. */
    synchronized long leftBy(Half half) {
        return left.getOrDefault(half, 0L);
    }
}
