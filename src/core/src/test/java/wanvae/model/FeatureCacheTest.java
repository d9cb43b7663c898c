package wanvae.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.runtime.Team;

/** What causal layers remember, in frames that each hold their number. */
class FeatureCacheTest {
    private static final Window PIXELS = Window.whole(2, 3);

    private final Arena arena = Arena.ofShared();
    private final Team team = new Team(1, () -> false);
    private final FramePool pool = FramePool.of(arena, 1 << 18, 1 << 18);
    private final ForwardContext forward = new LiveContext(team, new Workspace(arena, 1, 0), pool, done -> {});
    private final RegionPlan regions = RegionPlan.wholePictures();
    private int next;

    @AfterEach
    void free() {
        team.close();
        arena.close();
    }

    /** Frames with the next numbers, of which the last {@code lasting} ones may enter a cache. */
    private Frames frames(int count, int lasting) {
        MemorySegment[] frames = new MemorySegment[count];
        long bytes = Frames.bytes(2, 3, 5);
        for (int i = 0; i < count; i++) {
            frames[i] = count - i <= lasting ? pool.acquireLasting(bytes) : pool.acquire(bytes, false);
            frames[i].set(ValueLayout.JAVA_FLOAT, 0, ++next);
        }
        return new Frames(frames, PIXELS, 5);
    }

    /** The numbers of frames; 0 for zeros. */
    private static int[] numbers(Frames frames) {
        return Arrays.stream(frames.frames())
                .mapToInt(f -> f == null ? 0 : (int) f.get(ValueLayout.JAVA_FLOAT, 0))
                .toArray();
    }

    private int[] run(FeatureCache cache, Object layer, int depth, int count) {
        Frames all = cache.withPast(layer, regions, depth, frames(count, cache.kept(depth)));
        int[] seen = numbers(all);
        cache.keep(layer, regions, depth, all);
        return seen;
    }

    @Test
    void eachLayerSeesItsOwnLastFrames() {
        for (int depth = 1; depth <= 3; depth++) {
            next = 0;
            FeatureCache cache = new FeatureCache(pool, true);
            Object one = new Object(), other = new Object();
            int[] zeros = new int[depth];
            assertArrayEquals(concatenated(zeros, 1), run(cache, one, depth, 1));
            assertArrayEquals(concatenated(zeros, 2, 3), run(cache, other, depth, 2));
            int[] before = concatenated(zeros, 1), past = Arrays.copyOfRange(before, 1, 1 + depth);
            assertArrayEquals(concatenated(past, 4, 5, 6, 7), run(cache, one, depth, 4));
            past = Arrays.copyOfRange(new int[] {4, 5, 6, 7}, 4 - depth, 4);
            assertArrayEquals(concatenated(past, 8), run(cache, one, depth, 1));
            cache.clear();
            assertArrayEquals(concatenated(zeros, 9), run(cache, one, depth, 1), "nothing is left of a clip");
            cache.clear();
        }
    }

    private static int[] concatenated(int[] past, int... behind) {
        int[] all = Arrays.copyOf(past, past.length + behind.length);
        System.arraycopy(behind, 0, all, past.length, behind.length);
        return all;
    }

    @Test
    void bandsHavePastsOfTheirOwn() {
        FeatureCache cache = new FeatureCache(pool, true);
        Object layer = new Object();
        RegionPlan other = RegionPlan.wholePictures();
        run(cache, layer, 2, 3);
        Frames x = frames(1, 2);
        assertArrayEquals(new int[] {0, 0, 4}, numbers(cache.withPast(layer, other, 2, x)));
        assertArrayEquals(new int[] {2, 3, 4}, numbers(cache.withPast(layer, regions, 2, x)));
    }

    @Test
    void copiesLeaveTheFramesToTheCaller() {
        FeatureCache cache = new FeatureCache(pool, true);
        Object layer = new Object();
        for (int count : new int[] {1, 1, 3, 2}) {
            Frames x = frames(count, 0);
            Frames all = cache.withPast(layer, regions, 2, x);
            int[] seen = numbers(all);
            cache.keepCopies(layer, regions, 2, all, Frames.bytes(2, 3, 5), forward);
            for (MemorySegment frame : x.frames()) frame.fill((byte) 0);
            forward.release(x);
            Frames later = frames(1, 0);
            assertArrayEquals(
                    Arrays.copyOfRange(seen, seen.length - 2, seen.length),
                    Arrays.copyOf(numbers(cache.withPast(layer, regions, 2, later)), 2));
            forward.release(later);
        }
        cache.clear();
    }

    @Test
    void aCacheThatKeepsNothingReleasesEverything() {
        FeatureCache cache = new FeatureCache(pool, false);
        Object layer = new Object();
        MemorySegment first = pool.acquire(64, false);
        pool.release(first);
        assertArrayEquals(new int[] {0, 0, 1, 2}, run(cache, layer, 2, 2));
        assertArrayEquals(new int[] {0, 0, 3}, run(cache, layer, 2, 1));
        assertEquals(first.address(), pool.acquire(64, false).address(), "the pool is empty again");
        assertEquals(0, pool.slotBytes());
    }

    @Test
    void aFrameIsReleasedOnce() {
        Frames x = frames(2, 0);
        forward.release(x);
        assertThrows(IllegalStateException.class, () -> forward.release(x));
        assertNotEquals(0, pool.regionBytes());
    }
}
