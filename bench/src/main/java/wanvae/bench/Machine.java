package wanvae.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import wanvae.runtime.Caches;

/**
 * What the numbers were measured on. @param bandwidth GB/s one thread reads and writes together, copying more than any
 * cache holds
 */
record Machine(String processor, int processors, String caches, String system, String java, double bandwidth) {
    static Machine measure() throws IOException {
        return new Machine(
                processorName(),
                Child.processors().size(),
                caches(Caches.here()),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor.version") + ", " + Runtime.version(),
                copyBandwidth());
    }

    private static String processorName() throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) return System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return lines.filter(line -> line.startsWith("model name")
                            || line.startsWith("cpu family")
                            || line.startsWith("model\t"))
                    .limit(3)
                    .map(line -> line.replaceAll("\\s*:\\s*", ": ").replaceFirst("^model name: ", ""))
                    .sorted()
                    .reduce((a, b) -> a + ", " + b)
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private static String caches(Caches caches) {
        if (caches.equals(Caches.DEFAULT)) return "caches as assumed where the system tells nothing";
        return "caches of %d KB, %d KB (shared by %d) and %d KB (shared by %d)"
                .formatted(
                        caches.level1() >> 10,
                        caches.level2() >> 10,
                        caches.sharing2(),
                        caches.level3() >> 10,
                        caches.sharing3());
    }

    private static double copyBandwidth() {
        long bytes = 256L << 20;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(bytes, 4096).fill((byte) 1),
                    to = arena.allocate(bytes, 4096).fill((byte) 2);
            double best = 0;
            for (int i = 0; i < 8; i++) {
                long start = System.nanoTime();
                to.copyFrom(from);
                best = Math.max(best, 2.0 * bytes / (System.nanoTime() - start));
            }
            return best;
        }
    }
}
