package wanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import wanvae.config.HunyuanConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.Tiling;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;
import wanvae.generated.GeneratedWeights;
import wanvae.kernel.KernelWarmUp;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.workers.Workers;

/** The library in a server: decodes share threads, and a VAE is closed whenever its owner likes. */
@Timeout(120)
class ServerTest {
    private static final OpenOptions COLD = OpenOptions.DEFAULT.withWarmUp(false);
    private static final GeneratedWeights WEIGHTS = new GeneratedWeights(Models.wan21(4, 1), 9);
    private static final Latents LATENTS =
            GeneratedWeights.latents(new LatentShape(1, 16, 3, 3, 5), 11).raw();

    private static final HunyuanConfig HUNYUAN =
            new HunyuanConfig(16, List.of(8, 8, 16, 16), 1, true, 4, 8, 4, 0.476986f);

    private final ExecutorService callers = Executors.newFixedThreadPool(
            8, Thread.ofPlatform().daemon().name("test-caller-", 0).factory());

    /** Kernels that are not compiled take most of the time of decodes as small as these. */
    @BeforeAll
    static void compile() {
        KernelWarmUp.compile(() -> false);
    }

    @AfterEach
    void leavesNoThread() throws InterruptedException {
        callers.shutdown();
        assertTrue(callers.awaitTermination(1, TimeUnit.MINUTES));
        assertEquals(List.of(), libraryThreads());
    }

    private static List<Thread> libraryThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("wanvae-"))
                .toList();
    }

    private static float[] decode(WanVae vae, Latents latents, DecodeOptions options) throws IOException {
        CollectingSink sink = new CollectingSink();
        vae.decode(latents, sink, options);
        assertTrue(sink.finished);
        return sink.samples;
    }

    private static boolean ready(CountDownLatch latch) throws InterruptedException {
        return latch.await(1, TimeUnit.MINUTES);
    }

    @Test
    void bitsDoNotDependOnThePool() throws IOException {
        Latents wide =
                GeneratedWeights.latents(new LatentShape(1, 16, 2, 7, 9), 5).raw();
        DecodeOptions plain = DecodeOptions.DEFAULT.withThreads(1), tiled = plain.withTiling(Tiling.of(32, 32, 24, 24));
        try (WanVae vae = WanVae.open(WEIGHTS, COLD);
                WanVae hunyuan = WanVae.open(new GeneratedWeights(HUNYUAN, 3), COLD)) {
            for (int size : new int[] {1, 2, 3, 7})
                try (Workers workers = Workers.of(size);
                        WanVae same = WanVae.open(WEIGHTS, COLD.withWorkers(workers))) {
                    assertArrayEquals(decode(vae, LATENTS, plain), decode(vae, LATENTS, plain.withWorkers(workers)));
                    assertArrayEquals(decode(vae, wide, tiled), decode(same, wide, tiled.withWorkers(workers)));
                    assertArrayEquals(
                            decode(hunyuan, LATENTS, plain), decode(hunyuan, LATENTS, plain.withWorkers(workers)));
                    assertEquals(
                            size, vae.plan(LATENTS, plain.withWorkers(workers)).threads());
                    assertEquals(
                            vae.plan(LATENTS, plain.withThreads(size)).memory(),
                            vae.plan(LATENTS, plain.withWorkers(workers)).memory());
                }
        }
    }

    @Test
    void eightDecodesShareTwoThreads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        DecodeOptions[] kinds = {
            DecodeOptions.DEFAULT,
            DecodeOptions.DEFAULT.withTiling(Tiling.of(32, 32, 24, 24)),
            DecodeOptions.DEFAULT.withClamp(false)
        };
        Latents wide = GeneratedWeights.latents(new LatentShape(1, 16, 3, 7, 9), 5);
        try (WanVae vae = WanVae.open(WEIGHTS, COLD.withKeepMemory(true));
                Workers workers = Workers.of(2)) {
            float[][] expected = new float[kinds.length][];
            for (int k = 0; k < kinds.length; k++) expected[k] = decode(vae, wide, kinds[k]);
            List<Future<?>> decodes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int k = i % kinds.length;
                decodes.add(callers.submit(() -> {
                    for (int again = 0; again < 3; again++)
                        assertArrayEquals(
                                expected[k],
                                decode(vae, wide, kinds[k].withWorkers(workers).withCancelled(() -> {
                                    threads.add(Thread.currentThread().getName());
                                    return false;
                                })));
                    return null;
                }));
            }
            while (!decodes.stream().allMatch(Future::isDone)) {
                libraryThreads().forEach(thread -> threads.add(thread.getName()));
                Thread.sleep(10);
            }
            for (Future<?> decode : decodes) decode.get();
        }
        threads.removeIf(name -> name.matches("test-caller-\\d|wanvae-frames|wanvae-tile-\\d"));
        assertEquals(Set.of("wanvae-worker-0", "wanvae-worker-1"), threads);
    }

    /** Every decode is complete or refused or cancelled, and nothing is left over. */
    @Test
    void decodesFromEightThreadsWhileTheVaeIsClosedAThousandTimes() throws Exception {
        Latents tiny =
                GeneratedWeights.latents(new LatentShape(1, 16, 1, 1, 1), 7).raw();
        float[] expected;
        try (WanVae vae = WanVae.open(WEIGHTS, COLD)) {
            expected = decode(vae, tiny, DecodeOptions.DEFAULT);
        }
        long[] mapped = {0};
        AtomicInteger completed = new AtomicInteger();
        int refused = 0, cancelled = 0;
        try (Workers workers = Workers.of(2)) {
            DecodeOptions shared = DecodeOptions.DEFAULT.withWorkers(workers);
            for (int round = 0; round < 1000; round++) {
                if (round == 200) mapped[0] = mappedKilobytes();
                WanVae vae = WanVae.open(WEIGHTS, COLD.withWorkers(workers));
                CountDownLatch begun = new CountDownLatch(8);
                List<Future<String>> decodes = new ArrayList<>();
                for (int i = 0; i < 8; i++)
                    decodes.add(callers.submit(() -> {
                        begun.countDown();
                        try {
                            assertArrayEquals(expected, decode(vae, tiny, shared));
                            completed.incrementAndGet();
                            assertArrayEquals(expected, decode(vae, tiny, shared));
                            completed.incrementAndGet();
                            return "complete";
                        } catch (CancellationException e) {
                            return "cancelled";
                        } catch (IllegalStateException e) {
                            assertEquals("this VAE is closed", e.getMessage());
                            return "refused";
                        }
                    }));
                ready(begun);
                TimeUnit.MICROSECONDS.sleep(round % 100 * 50);
                if (round % 2 == 0) vae.close();
                else vae.closeNow();
                for (Future<String> decode : decodes)
                    switch (decode.get()) {
                        case "refused" -> refused++;
                        case "cancelled" -> cancelled++;
                        default -> {}
                    }
                assertThrows(IllegalStateException.class, () -> decode(vae, tiny, shared));
            }
        }
        String counts = completed + " complete, " + refused + " refused, " + cancelled + " cancelled";
        assertTrue(completed.get() > 100 && refused > 100 && cancelled > 100, counts);
        long grown = mappedKilobytes() - mapped[0];
        assertTrue(grown < 300_000, "kilobytes more: " + grown);
    }

    @Test
    void closingWaitsForDecodesAndThenRefusesThem() throws Exception {
        CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
        WanVae vae = WanVae.open(WEIGHTS, COLD);
        float[] expected = decode(vae, LATENTS, DecodeOptions.DEFAULT);
        CollectingSink sink = new CollectingSink() {
            @Override
            public void frame(int member, int index, Frame frame) {
                begun.countDown();
                try {
                    ready(go);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                super.frame(member, index, frame);
            }
        };
        Future<?> decode = callers.submit(() -> {
            vae.decode(LATENTS, sink);
            return null;
        });
        ready(begun);
        Future<?> closing = callers.submit(vae::close), again = callers.submit(vae::close);
        Thread.sleep(50);
        assertFalse(closing.isDone() || again.isDone());
        assertThrows(IllegalStateException.class, () -> vae.decode(LATENTS, new CollectingSink()));
        assertThrows(IllegalStateException.class, () -> vae.plan(LATENTS, DecodeOptions.DEFAULT));
        go.countDown();
        decode.get();
        closing.get();
        again.get();
        assertArrayEquals(expected, sink.samples);
        assertEquals(Models.wan21(4, 1), vae.config());
        vae.close();
        vae.closeNow();
    }

    /** A sink that waits for ever, but gives in to an interrupt. */
    private static final class Stuck implements FrameSink {
        final CountDownLatch inside = new CountDownLatch(1);
        private final boolean inFinish;

        Stuck(boolean inFinish) {
            this.inFinish = inFinish;
        }

        private void wait(boolean here) throws IOException {
            if (!here) return;
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public void frame(int member, int index, Frame frame) throws IOException {
            wait(!inFinish);
        }

        @Override
        public void finish() throws IOException {
            wait(true);
        }
    }

    @Test
    void closingNowCancelsAlsoWhatWaitsForItsSink() throws Exception {
        for (boolean inFinish : new boolean[] {false, true})
            for (boolean interrupt : new boolean[] {false, true}) {
                WanVae vae = WanVae.open(WEIGHTS, COLD);
                Stuck sink = new Stuck(inFinish);
                Future<?> decode = callers.submit(() -> {
                    vae.decode(LATENTS, sink);
                    return null;
                });
                ready(sink.inside);
                if (interrupt) {
                    Thread.currentThread().interrupt();
                    vae.close();
                    assertTrue(Thread.interrupted(), "stays interrupted");
                } else vae.closeNow();
                assertTrue(
                        assertThrows(ExecutionException.class, decode::get).getCause()
                                instanceof CancellationException);
            }
    }

    @Test
    void aDecodeThatWaitsForItsSinkAsksWhetherItIsCancelled() throws Exception {
        try (WanVae vae = WanVae.open(WEIGHTS, COLD)) {
            for (boolean inFinish : new boolean[] {false, true}) {
                Stuck sink = new Stuck(inFinish);
                long[] asked = {System.nanoTime(), 0};
                assertThrows(
                        CancellationException.class,
                        () -> vae.decode(
                                LATENTS,
                                sink,
                                DecodeOptions.DEFAULT.withThreads(1).withCancelled(() -> {
                                    long now = System.nanoTime();
                                    if (sink.inside.getCount() == 0) asked[1] = Math.max(asked[1], now - asked[0]);
                                    asked[0] = now;
                                    return asked[1] > 50_000_000;
                                })));
                assertTrue(asked[1] < 2_000_000_000, "asked after " + asked[1] + " ns");
            }
        }
    }

    @Test
    void closingFromACallbackIsRefused() throws IOException {
        try (Workers workers = Workers.of(2);
                WanVae other = WanVae.open(WEIGHTS, COLD)) {
            WanVae vae = WanVae.open(WEIGHTS, COLD);
            AtomicReference<String> message = new AtomicReference<>();
            List<Runnable> closings = List.of(vae::close, vae::closeNow, workers::close);
            for (Runnable closing : closings) {
                Runnable refused = () -> message.set(
                        assertThrows(IllegalStateException.class, closing::run).getMessage());
                DecodeOptions options = DecodeOptions.DEFAULT.withWorkers(workers);
                FrameSink sink = (member, index, frame) -> refused.run();
                for (DecodeOptions calling : List.of(
                        options.withListener((done, total, work) -> refused.run()), options.withCancelled(() -> {
                            refused.run();
                            return false;
                        }))) {
                    message.set(null);
                    vae.decode(LATENTS, new CollectingSink(), calling);
                    assertTrue(message.get().contains("cannot be closed from a sink, listener or"), message.get());
                }
                message.set(null);
                vae.decode(LATENTS, sink, options);
                assertTrue(message.get().contains("cannot be closed from a sink, listener or"), message.get());
                // In a decode within a decode the inner one's callbacks hold up the outer one too.
                message.set(null);
                vae.decode(
                        LATENTS,
                        (member, index, frame) -> {
                            if (index == 0) other.decode(LATENTS, sink);
                        },
                        options);
                assertTrue(message.get().contains("cannot be closed from a sink, listener or"), message.get());
            }
            // Another VAE's closing waits for nothing here.
            WanVae third = WanVae.open(WEIGHTS, COLD);
            vae.decode(LATENTS, (member, index, frame) -> third.close(), DecodeOptions.DEFAULT);
            assertThrows(IllegalStateException.class, () -> third.plan(LATENTS, DecodeOptions.DEFAULT));
            vae.close();
        }
    }

    @Test
    void aClosedPoolRefusesAndARunningDecodeIsFinishedFirst() throws Exception {
        Workers workers = Workers.of(2);
        DecodeOptions options = DecodeOptions.DEFAULT.withWorkers(workers);
        try (WanVae vae = WanVae.open(WEIGHTS, COLD)) {
            CountDownLatch begun = new CountDownLatch(1);
            float[] expected = decode(vae, LATENTS, DecodeOptions.DEFAULT);
            Future<float[]> running = callers.submit(
                    () -> decode(vae, LATENTS, options.withListener((done, total, work) -> begun.countDown())));
            ready(begun);
            workers.close();
            assertTrue(running.isDone() || running.get() != null);
            assertArrayEquals(expected, running.get());
            for (DecodeOptions refused : List.of(options, options.withClamp(false)))
                assertEquals(
                        "this pool of workers is closed",
                        assertThrows(
                                        IllegalStateException.class,
                                        () -> vae.decode(LATENTS, new CollectingSink(), refused))
                                .getMessage());
            assertThrows(IllegalStateException.class, () -> WanVae.open(WEIGHTS, COLD.withWorkers(workers)));
            assertArrayEquals(expected, decode(vae, LATENTS, DecodeOptions.DEFAULT));
        }
    }

    /** Whatever the caller's code throws is thrown by the decode, that very object, errors of the JVM's kind too. */
    @Test
    void whatTheCallersCodeThrowsIsThrownUnchanged() throws IOException {
        try (WanVae vae = WanVae.open(WEIGHTS, COLD);
                Workers workers = Workers.of(2)) {
            for (Throwable thrown : List.of(
                    new OutOfMemoryError("the encoder's"),
                    new InternalError("the encoder's"),
                    new StackOverflowError("the encoder's"),
                    new IllegalStateException("the encoder's"),
                    new CancellationException("the encoder's"),
                    new IOException("the encoder's")))
                for (DecodeOptions options : List.of(
                        DecodeOptions.DEFAULT,
                        DecodeOptions.DEFAULT.withWorkers(workers),
                        DecodeOptions.DEFAULT.withTiling(Tiling.of(16, 16, 16, 16))))
                    for (Map.Entry<String, DecodeOptions> where :
                            places(options, thrown).entrySet()) {
                        String place = where.getKey();
                        assertSame(
                                thrown,
                                assertThrows(
                                        Throwable.class,
                                        () -> vae.decode(
                                                LATENTS,
                                                new FrameSink() {
                                                    @Override
                                                    public void begin(VideoShape shape) throws IOException {
                                                        if (place.equals("begin")) raise(thrown);
                                                    }

                                                    @Override
                                                    public void frame(int member, int index, Frame frame)
                                                            throws IOException {
                                                        if (place.equals("frame") && index == 2) raise(thrown);
                                                    }

                                                    @Override
                                                    public void finish() throws IOException {
                                                        if (place.equals("finish")) raise(thrown);
                                                    }
                                                },
                                                where.getValue())),
                                place);
                    }
        }
    }

    private static Map<String, DecodeOptions> places(DecodeOptions options, Throwable thrown) {
        if (thrown instanceof IOException) return Map.of("begin", options, "frame", options, "finish", options);
        return Map.of(
                "begin",
                options,
                "frame",
                options,
                "finish",
                options,
                "listener",
                options.withListener((done, total, work) -> raiseUnchecked(thrown)),
                "cancelled",
                options.withCancelled(() -> {
                    raiseUnchecked(thrown);
                    return false;
                }));
    }

    private static void raise(Throwable thrown) throws IOException {
        if (thrown instanceof IOException e) throw e;
        raiseUnchecked(thrown);
    }

    private static void raiseUnchecked(Throwable thrown) {
        if (thrown instanceof RuntimeException e) throw e;
        throw (Error) thrown;
    }

    /** Address space in use, kilobytes; 0 where the system does not tell. */
    private static long mappedKilobytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        for (String line : Files.readAllLines(status))
            if (line.startsWith("VmSize:")) return Long.parseLong(line.replaceAll("\\D", ""));
        return 0;
    }
}
