package wanvae.frame;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import wanvae.runtime.LargeMemory;

/**
 * Runs another sink on a thread of its own, behind a bounded queue of copied frames, so that encoding goes on beside
 * decoding. What the inner sink throws is thrown by the next call here. {@link #finish} waits until everything is
 * written. {@link #close} interrupts the thread, waits for it and closes the inner sink, always: a sink that ignores
 * interrupts delays it until its call returns. A caller that is cancelled or interrupted while it waits gets a {@link
 * CancellationException}; an interrupted one stays interrupted.
 *
 * <p>Memory: {@code capacity} frames, float32, off-heap, from {@link #begin} to {@link #close}.
 */
public final class FrameQueue implements FrameSink {
    /** How often a caller that waits for the inner sink asks whether it was cancelled. */
    private static final int ASK_MILLIS = 100;

    private final FrameSink inner;
    private final int capacity;
    private final BooleanSupplier cancelled;
    private final Arena arena = Arena.ofShared();
    private final BlockingQueue<Message> queue;
    private final BlockingQueue<MemorySegment> free;
    private volatile Throwable failure;
    private volatile boolean closing;
    private Thread thread;

    private sealed interface Message {
        record Picture(int member, int index, Frame frame) implements Message {}

        record End() implements Message {}
    }

    /**
     * @param inner     takes the frames; owned by this queue from now on
     * @param capacity  frames that may wait, at least 1
     * @param cancelled asked by the caller while it waits
     */
    public FrameQueue(FrameSink inner, int capacity, BooleanSupplier cancelled) {
        if (capacity < 1) throw new IllegalArgumentException("a queue holds at least 1 frame, not " + capacity);
        this.inner = inner;
        this.capacity = capacity;
        this.cancelled = cancelled;
        // One place more than there are frames, for the end.
        queue = new ArrayBlockingQueue<>(capacity + 1);
        free = new ArrayBlockingQueue<>(capacity);
    }

    /** Begins the inner sink on the caller's thread, so that its refusals come at once. */
    @Override
    public void begin(VideoShape shape) throws IOException {
        inner.begin(shape);
        long bytes = 4L * shape.channels() * shape.height() * shape.width();
        for (int i = 0; i < capacity; i++) free.add(LargeMemory.allocate(arena, bytes));
        thread = Thread.ofPlatform().daemon().name("wanvae-frames").start(this::run);
    }

    @Override
    public void frame(int member, int index, Frame frame) throws IOException {
        try {
            MemorySegment copy;
            do requireGoingOn();
            while ((copy = free.poll(ASK_MILLIS, TimeUnit.MILLISECONDS)) == null);
            MemorySegment.copy(frame.pixels(), 0, copy, 0, copy.byteSize());
            queue.put(new Message.Picture(member, index, new Frame(frame.height(), frame.width(), copy)));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void run() {
        try {
            while (true) {
                switch (queue.take()) {
                    case Message.Picture(int member, int index, Frame frame) -> {
                        inner.frame(member, index, frame);
                        free.add(frame.pixels());
                    }
                    case Message.End() -> {
                        inner.finish();
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // Only close() interrupts this thread.
            failure = closing ? null : e;
        } catch (Throwable e) {
            failure = e;
        }
    }

    @Override
    public void finish() throws IOException {
        try {
            queue.put(new Message.End()); // there is room for it
            do requireGoingOn();
            while (!thread.join(Duration.ofMillis(ASK_MILLIS)));
        } catch (InterruptedException e) {
            throw interrupted();
        }
        rethrow();
    }

    private void requireGoingOn() throws IOException {
        rethrow();
        if (cancelled.getAsBoolean()) throw new CancellationException("the decode was cancelled");
    }

    private void rethrow() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IOException(failure);
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("interrupted while writing frames");
    }

    @Override
    public void close() throws IOException {
        boolean interrupted = false;
        if (thread != null) {
            closing = true;
            thread.interrupt();
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        try {
            inner.close();
        } finally {
            if (arena.scope().isAlive()) arena.close();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
