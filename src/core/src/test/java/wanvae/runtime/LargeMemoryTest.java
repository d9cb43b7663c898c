package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeMemoryTest {
    /** Small pieces are the arena's, large ones the system's: aligned, writable to the last byte, gone with their arena. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4097, (8L << 20) - 1, 8L << 20, (8L << 20) + 1, 40_000_003})
    void memoryOfTheArena(long bytes) {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = LargeMemory.allocate(arena, bytes);
            assertEquals(bytes, memory.byteSize());
            assertEquals(0, memory.address() % 4096);
            memory.fill((byte) 7);
            if (bytes > 0) assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, bytes - 1));
        }
        assertThrows(IllegalStateException.class, () -> memory.fill((byte) 1));
    }

    /** What is freed goes back to the system: the address space that is in use does not grow. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryIsGivenBack() throws IOException {
        long before = mapped();
        for (int i = 0; i < 20; i++)
            try (Arena arena = Arena.ofConfined()) {
                LargeMemory.allocate(arena, 1L << 30).set(ValueLayout.JAVA_BYTE, i, (byte) 1);
            }
        assertTrue(mapped() - before < 5 << 20, "kilobytes mapped before " + before + ", afterwards " + mapped());
    }

    /** Kilobytes of address space in use. */
    static long mapped() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status")))
            if (line.startsWith("VmSize:")) return Long.parseLong(line.replaceAll("\\D", ""));
        throw new IOException("no VmSize");
    }

    @Test
    void moreThanThereIs() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(OutOfMemoryError.class, () -> LargeMemory.allocate(arena, 1L << 46));
        }
    }
}
