package wanvae.video.h264;

import java.util.ArrayDeque;

/**
 * A closed group of pictures on its way: source pictures come in from the caller's thread, an encoding thread takes
 * them out and puts coded pictures in, the caller's thread takes those. All methods may be called from either.
 */
final class Gop {
    /** How many frames after the one being coded its decisions may depend on. */
    private final int lookahead;

    private final ArrayDeque<SourcePicture> sources = new ArrayDeque<>();
    private final ArrayDeque<EncodedFrame> coded = new ArrayDeque<>();
    private int size;
    private int delivered;
    private boolean ended;
    private Throwable failure;

    Gop(int lookahead) {
        this.lookahead = lookahead;
    }

    synchronized void add(SourcePicture picture) {
        sources.add(picture);
        size++;
        notifyAll();
    }

    /** No further source picture will be added. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized int size() {
        return size;
    }

    /** Source pictures not yet delivered as coded ones. */
    synchronized int inside() {
        return size - delivered;
    }

    synchronized boolean isDelivered() {
        return ended && delivered == size;
    }

    /** The next coded picture, or null: at once if not {@code wait}, else only if the group is delivered. */
    synchronized EncodedFrame take(boolean wait) throws InterruptedException {
        while (wait && coded.isEmpty() && failure == null && !isDelivered()) wait();
        if (failure != null) throw new IllegalStateException("the H.264 encoder failed", failure);
        if (!coded.isEmpty()) delivered++;
        return coded.poll();
    }

    /** Codes the pictures as they come, each as soon as its lookahead is complete. */
    void encode(GopEncoder encoder) {
        try {
            for (SourcePicture[] window = next(); window != null; window = next()) {
                EncodedFrame frame = encoder.encode(window);
                synchronized (this) {
                    coded.add(frame);
                    notifyAll();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the encoder was closed: nobody is waiting
        } catch (Throwable e) {
            synchronized (this) {
                failure = e;
                notifyAll();
            }
        }
    }

    /** Removes the next picture; it comes with those of its lookahead after it. Null at the end of the group. */
    private synchronized SourcePicture[] next() throws InterruptedException {
        if (Thread.interrupted()) throw new InterruptedException();
        while (!ended && sources.size() <= lookahead) wait();
        if (sources.isEmpty()) return null;
        SourcePicture[] window = sources.stream().limit(lookahead + 1L).toArray(SourcePicture[]::new);
        sources.remove();
        return window;
    }
}
