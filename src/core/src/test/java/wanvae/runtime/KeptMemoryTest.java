package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class KeptMemoryTest {
    private static final long BYTES = 20L << 20;

    @Test
    void theNextOneHasTheSameMemory() {
        try (KeptMemory kept = new KeptMemory()) {
            long address;
            MemorySegment first;
            try (Arena arena = kept.arena()) {
                first = LargeMemory.allocate(arena, BYTES);
                first.set(ValueLayout.JAVA_INT, BYTES - 4, 7);
                address = first.address();
            }
            assertThrows(IllegalStateException.class, () -> first.get(ValueLayout.JAVA_INT, 0), "ended with its arena");
            try (Arena arena = kept.arena();
                    Arena other = kept.arena()) {
                MemorySegment second = LargeMemory.allocate(arena, BYTES - 100),
                        third = LargeMemory.allocate(other, BYTES);
                assertEquals(address, second.address());
                assertEquals(BYTES - 100, second.byteSize());
                assertNotEquals(address, third.address(), "memory that is in use is lent to nobody else");
                third.set(ValueLayout.JAVA_INT, 0, 1);
            }
        }
    }

    @Test
    void theFirstOneHasWhatIsPrepared() {
        try (KeptMemory kept = new KeptMemory();
                KeptMemory stopped = new KeptMemory()) {
            int[] pages = {0};
            kept.prepare(BYTES, () -> ++pages[0] > 0);
            assertEquals(BYTES / (2 << 20), pages[0], "every page is touched");
            pages[0] = 0;
            stopped.prepare(BYTES, () -> ++pages[0] < 3);
            assertEquals(3, pages[0], "until it is enough");
            for (KeptMemory memory : new KeptMemory[] {kept, stopped})
                try (Arena arena = memory.arena()) {
                    MemorySegment first = LargeMemory.allocate(arena, BYTES);
                    first.set(ValueLayout.JAVA_INT, BYTES - 4, 7);
                    assertEquals(0, first.get(ValueLayout.JAVA_INT, 0));
                }
        }
    }

    @Test
    void onlyTheLastOnesMemoryIsKeptAndMuchLargerMemoryIsNot() {
        try (KeptMemory kept = new KeptMemory()) {
            try (Arena arena = kept.arena()) {
                LargeMemory.allocate(arena, 10 * BYTES).set(ValueLayout.JAVA_INT, 0, 7);
            }
            try (Arena arena = kept.arena()) {
                assertEquals(0, LargeMemory.allocate(arena, BYTES).get(ValueLayout.JAVA_INT, 0), "fresh");
            }
            try (Arena arena = kept.arena()) {
                assertEquals(
                        0,
                        LargeMemory.allocate(arena, 10 * BYTES).get(ValueLayout.JAVA_INT, 0),
                        "fresh, since the last one had none such");
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatDoesNotFitIsFreedBeforeNewMemoryIsAllocated() throws IOException {
        long before = LargeMemoryTest.mapped();
        try (KeptMemory kept = new KeptMemory()) {
            try (Arena arena = kept.arena()) {
                LargeMemory.allocate(arena, 4L << 30);
            }
            try (Arena arena = kept.arena()) {
                LargeMemory.allocate(arena, BYTES);
                assertTrue(LargeMemoryTest.mapped() - before < 1 << 21, "the four gigabytes are gone");
            }
        }
    }

    @Test
    void whatIsLentWhenItIsClosedGoesBackLater() {
        KeptMemory kept = new KeptMemory();
        Arena arena = kept.arena();
        MemorySegment memory = LargeMemory.allocate(arena, BYTES);
        kept.close();
        memory.fill((byte) 1);
        arena.close();
        assertThrows(IllegalStateException.class, () -> memory.fill((byte) 2));
    }
}
