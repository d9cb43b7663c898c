package wanvae.strategy;

import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;

/** Turns operations that layers report into the share of a run's arithmetic that is done. Thread-safe. */
final class Progress implements LongConsumer {
    private final double total;
    private final DoubleConsumer listener;
    private double done;

    /** @param total operations of the whole run */
    Progress(double total, DoubleConsumer listener) {
        this.total = total;
        this.listener = listener;
    }

    @Override
    public synchronized void accept(long operations) {
        done += operations;
        listener.accept(Math.min(1, done / total));
    }

    /** Reports again, after something other than arithmetic was done. */
    void repeat() {
        accept(0);
    }
}
