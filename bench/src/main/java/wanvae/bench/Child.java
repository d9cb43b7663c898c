package wanvae.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs a measurement in a JVM of its own, pinned to as many processors as it has threads: memory, compiler and clock
 * start afresh.
 */
final class Child {
    /** What PyTorch on glibc needs to be at its best: huge pages, and no memory given back between operations. */
    static final String GLIBC =
            "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=17179869184";

    /**
     * Collector and heap are the launcher's: the JVM's own choice takes up to a gigabyte for the little garbage there
     * is.
     */
    private static final List<String> LAUNCHER =
            List.of("-XX:+UseSerialGC", "-Xmn16m", "--enable-native-access=ALL-UNNAMED");

    private final List<String> jvmArguments = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
    private final int threads;
    private final boolean optionless;

    private Child(int threads, boolean optionless, String... jvmArguments) {
        this.threads = threads;
        this.optionless = optionless;
        this.jvmArguments.addAll(List.of(jvmArguments));
    }

    /** With the launcher's options and others. */
    Child(int threads, String... jvmArguments) {
        this(threads, false, jvmArguments);
        this.jvmArguments.addAll(LAUNCHER);
    }

    /** With the module of the vectors and this option alone, as a program may have it that the library is a part of. */
    static Child withoutOptions(int threads, String jvmArgument) {
        return new Child(threads, true, jvmArgument);
    }

    /**
     * Runs the class's main and returns the last line of JSON that it printed.
     *
     * @throws IOException if it failed: its exit code on the first line, then what it said last
     */
    Flat run(Class<?> main, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(pin());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        // A JVM that sees one processor chooses its compiler threads differently, and those are not what is measured.
        if (!optionless && (main == Decode.class || main == Encode.class))
            command.add("-XX:ActiveProcessorCount=" + Math.max(2, threads));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) command.add(argument.toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (main == Rival.class || main == RivalEncode.class)
            builder.environment().putAll(Map.of("GLIBC_TUNABLES", GLIBC, "OMP_NUM_THREADS", "" + threads));
        Process process = builder.start();
        Flat result = null;
        List<String> said = new ArrayList<>();
        try (BufferedReader out = process.inputReader()) {
            for (String line; (line = out.readLine()) != null; ) {
                if (line.startsWith("{")) result = Flat.parse(line);
                else said.add(line);
            }
        } finally {
            if (process.isAlive() && Thread.currentThread().isInterrupted()) process.destroy();
        }
        int code = process.waitFor();
        if (code != 0 || result == null)
            throw new IOException(main.getSimpleName()
                    + (code != 0 ? " ended with exit code " + code : " printed no result") + "\n"
                    + String.join("\n", said.subList(Math.max(0, said.size() - 20), said.size())));
        return result;
    }

    /**
     * Starts a command and tells how long it takes to have written that many bytes on its standard output. @throws
     * IOException if it never does
     */
    double secondsToOutput(List<String> arguments, long bytes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(pin());
        command.addAll(arguments);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream out = process.getInputStream()) {
            out.skipNBytes(bytes);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    /** {@code taskset} for the first processors we may use, where there is such a command. */
    private List<String> pin() throws IOException {
        List<Integer> allowed = processors();
        boolean known = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "taskset")));
        if (!known || allowed.size() < threads) return List.of();
        return List.of(
                "taskset",
                "-c",
                String.join(
                        ",",
                        allowed.subList(0, threads).stream()
                                .map(String::valueOf)
                                .toList()));
    }

    /** Numbers of the processors this process may run on; none where the system does not say. */
    static List<Integer> processors() throws IOException {
        List<Integer> processors = new ArrayList<>();
        for (String range : procStatus("Cpus_allowed_list").split(",")) {
            String[] ends = range.trim().split("-");
            if (ends[0].isEmpty()) continue;
            for (int p = Integer.parseInt(ends[0]); p <= Integer.parseInt(ends[ends.length - 1]); p++)
                processors.add(p);
        }
        return processors;
    }

    /** Greatest resident memory of this process so far, in 10^6 bytes; 0 where the system does not say. */
    static long peakMemoryMb() throws IOException {
        String kib = procStatus("VmHWM").replaceAll("\\D", "");
        return kib.isEmpty() ? 0 : Long.parseLong(kib) * 1024 / 1_000_000;
    }

    /** Processor time of all threads of this process so far: what a shared processor takes away does not count. */
    static double cpuSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(cpu -> cpu.toNanos() / 1e9)
                .orElse(Double.NaN);
    }

    private static String procStatus(String key) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status))
            for (String line : Files.readAllLines(status))
                if (line.startsWith(key + ":"))
                    return line.substring(key.length() + 1).trim();
        return "";
    }
}
