package wanvae.video;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Closes everything given to it, in reverse order, even if some of it throws. */
final class Closing implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    void add(AutoCloseable closeable) {
        open.push(closeable);
    }

    @Override
    public void close() throws IOException {
        Exception first = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (first == null) first = e;
                else first.addSuppressed(e);
            }
        }
        switch (first) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IOException(first);
        }
    }
}
