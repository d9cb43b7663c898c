package wanvae.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
    private static class Recorder implements FrameSink {
        final List<String> calls = new ArrayList<>();
        volatile Thread thread;

        @Override
        public void begin(VideoShape shape) throws IOException {
            calls.add("begin");
        }

        @Override
        public void frame(int member, int index, Frame frame) throws IOException {
            thread = Thread.currentThread();
            calls.add(member + "/" + index + ":" + frame.pixels().get(ValueLayout.JAVA_FLOAT, 0));
        }

        @Override
        public void finish() throws IOException {
            calls.add("finish");
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    private static Frame filled(float value) {
        float[] pixels = new float[3 * 4];
        java.util.Arrays.fill(pixels, value);
        return new Frame(2, 2, java.lang.foreign.MemorySegment.ofArray(pixels));
    }

    @Test
    void framesAreCopiedAndArriveInOrder() throws IOException {
        Recorder recorder = new Recorder();
        try (FrameQueue queue = new FrameQueue(recorder, 2, () -> false)) {
            queue.begin(new VideoShape(1, 20, 2, 2));
            Frame frame = filled(0);
            for (int i = 0; i < 20; i++) {
                frame.pixels().set(ValueLayout.JAVA_FLOAT, 0, i);
                queue.frame(0, i, frame);
            }
            queue.finish();
        }
        List<String> expected = new ArrayList<>(List.of("begin"));
        for (int i = 0; i < 20; i++) expected.add("0/" + i + ":" + (float) i);
        expected.addAll(List.of("finish", "close"));
        assertEquals(expected, recorder.calls);
        assertFalse(recorder.thread == Thread.currentThread() || recorder.thread.isAlive());
    }

    @Test
    void aFailureTravelsBackAndTheThreadStops() {
        Recorder broken = new Recorder() {
            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                super.frame(member, index, frame);
                if (index == 1) throw new IOException("No space left on device");
            }
        };
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            try (FrameQueue queue = new FrameQueue(broken, 2, () -> false)) {
                queue.begin(new VideoShape(1, 100, 2, 2));
                assertEquals(
                        "No space left on device",
                        assertThrows(IOException.class, () -> {
                                    for (int i = 0; i < 100; i++) queue.frame(0, i, filled(i));
                                })
                                .getMessage());
                assertThrows(IOException.class, queue::finish);
            }
        });
        assertFalse(broken.thread.isAlive());
        assertEquals("close", broken.calls.getLast());
    }

    @Test
    void closingStopsASinkThatHangs() {
        CountDownLatch inside = new CountDownLatch(1);
        Recorder slow = new Recorder() {
            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                super.frame(member, index, frame);
                inside.countDown();
                try {
                    Thread.sleep(Duration.ofHours(1));
                } catch (InterruptedException e) {
                    throw new IOException("interrupted", e);
                }
            }
        };
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            try (FrameQueue queue = new FrameQueue(slow, 1, () -> false)) {
                queue.begin(new VideoShape(1, 9, 2, 2));
                queue.frame(0, 0, filled(0));
                inside.await();
            }
        });
        assertFalse(slow.thread.isAlive());
        assertTrue(slow.calls.contains("close") && !slow.calls.contains("finish"));
    }

    @Test
    void anInterruptedCallerIsCancelled() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        Recorder slow = new Recorder() {
            @Override
            public void frame(int member, int index, Frame frame) throws IOException {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        };
        try (FrameQueue queue = new FrameQueue(slow, 1, () -> false)) {
            queue.begin(new VideoShape(1, 9, 2, 2));
            queue.frame(0, 0, filled(0));
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> queue.frame(0, 1, filled(1)));
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(List.of("begin", "close"), slow.calls);
    }

    @Test
    void closingBeforeBeginClosesTheSink() throws IOException {
        Recorder recorder = new Recorder();
        new FrameQueue(recorder, 1, () -> false).close();
        assertEquals(List.of("close"), recorder.calls);
    }
}
