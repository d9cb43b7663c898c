package wanvae.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Memory for activations and weights, whose first contents are undefined. On Linux large pieces come from the system's
 * own {@code mmap} with the advice to use huge pages: 512 times fewer page faults, and memory that is never touched is
 * never taken. (2 GB touched for the first time: 1.1 s instead of 7 s on a virtual machine where a fault costs 15 µs.)
 * An {@link Arena} would write zeros first, which takes as long again. Elsewhere, and for small pieces, memory is the
 * arena's.
 */
public final class LargeMemory {
    private static final long HUGE_PAGE = 2L << 20;
    /** Bytes from which on a piece gets pages of its own. */
    private static final long LARGE = HUGE_PAGE;

    private static final int READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22, ADVICE_HUGE_PAGE = 14;

    private LargeMemory() {}

    /**
     * Allocates memory at an address that is a multiple of 4096. Its contents are undefined: in an arena of {@link
     * KeptMemory#arena} they are what an earlier decode left there.
     *
     * @param arena owner of the memory
     * @throws OutOfMemoryError if the system does not have that much
     */
    public static MemorySegment allocate(Arena arena, long bytes) {
        if (bytes < LARGE) return arena.allocate(bytes, 4096);
        if (arena instanceof KeptMemory.Lent lent) return lent.large(bytes);
        return Pages.SYSTEM.isPresent() ? Pages.SYSTEM.get().map(arena, bytes) : arena.allocate(bytes, 4096);
    }

    /**
     * Touches memory for the first time, page by page, so that the system clears it now.
     *
     * @param goOn asked before each page
     */
    public static void touch(MemorySegment memory, BooleanSupplier goOn) {
        for (long page = 0; page < memory.byteSize() && goOn.getAsBoolean(); page += HUGE_PAGE)
            memory.set(JAVA_BYTE, page, (byte) 0);
    }

    /** The system's functions for pages, from the C library that the JVM itself uses. */
    private record Pages(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {
        static final Optional<Pages> SYSTEM = find();

        private static Optional<Pages> find() {
            // The constants above are those of Linux on every processor that the Vector API supports.
            if (!System.getProperty("os.name").equals("Linux") || ADDRESS.byteSize() != 8) return Optional.empty();
            Linker linker = Linker.nativeLinker();
            var library = linker.defaultLookup();
            if (library.find("mmap").isEmpty()
                    || library.find("munmap").isEmpty()
                    || library.find("madvise").isEmpty()) return Optional.empty();
            return Optional.of(new Pages(
                    linker.downcallHandle(
                            library.findOrThrow("mmap"),
                            FunctionDescriptor.of(
                                    ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG)),
                    linker.downcallHandle(
                            library.findOrThrow("munmap"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG)),
                    linker.downcallHandle(
                            library.findOrThrow("madvise"),
                            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT))));
        }

        MemorySegment map(Arena arena, long bytes) {
            // Room to begin on a huge page.
            long whole = (bytes + HUGE_PAGE - 1) & -HUGE_PAGE, all = Math.addExact(whole, HUGE_PAGE);
            try {
                MemorySegment mapped = (MemorySegment)
                        mmap.invokeExact(MemorySegment.NULL, all, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
                if (mapped.address() == -1) throw new OutOfMemoryError("cannot map " + bytes + " bytes");
                MemorySegment start = MemorySegment.ofAddress((mapped.address() + HUGE_PAGE - 1) & -HUGE_PAGE);
                int advised = (int) madvise.invokeExact(
                        start, whole, ADVICE_HUGE_PAGE); // where it is refused, small pages do as well
                return start.reinterpret(bytes, arena, memory -> unmap(mapped, all));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("system functions throw nothing", e);
            }
        }

        private void unmap(MemorySegment mapped, long bytes) {
            try {
                int unmapped = (int) munmap.invokeExact(mapped, bytes);
            } catch (Throwable e) {
                throw new AssertionError("system functions throw nothing", e);
            }
        }
    }
}
