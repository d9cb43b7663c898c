package wanvae.runtime;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The code that the caller of one decode brought along: its sink, its listener, its cancellation check. Running it
 * through here records two facts that nothing else can tell later: which exceptions came out of that code and not out
 * of the decoder, and which threads are inside it, so that a {@code close()} that would wait for its own caller is
 * refused ({@link Lifetime#end}).
 */
public final class Callbacks {
    private static final ScopedValue<Callbacks> RUNNING = ScopedValue.newInstance();

    private final List<Lifetime> held;
    /** The callbacks of the decode in whose callback this decode was begun, or null. */
    private final Callbacks outer;

    private final Set<Throwable> thrown =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /** @param held what cannot be freed before the decode has ended */
    public Callbacks(List<Lifetime> held) {
        this.held = List.copyOf(held);
        this.outer = RUNNING.isBound() ? RUNNING.get() : null;
    }

    /** Runs a piece of the caller's code; what it throws is thrown unchanged. */
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> code) throws X {
        try {
            return ScopedValue.where(RUNNING, this).call(code);
        } catch (Throwable e) {
            thrown.add(e);
            throw e;
        }
    }

    /** Whether this exception came out of the caller's code. */
    public boolean threw(Throwable e) {
        return thrown.contains(e);
    }

    /** Whether the current thread runs code of a decode that holds this, or of one begun within such code. */
    static boolean runningIn(Lifetime lifetime) {
        for (Callbacks c = RUNNING.isBound() ? RUNNING.get() : null; c != null; c = c.outer)
            if (c.held.contains(lifetime)) return true;
        return false;
    }
}
