package wanvae.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs the parts of the benchmark and writes the table and the plot: {@code Bench [--quick] [--out FOLDER] [PART]…}.
 * Named parts run alone. Each measurement is a process of its own, pinned; on a busy machine the numbers mean little.
 */
final class Bench {
    /** Measures and reports, with the value that its option was given. */
    @FunctionalInterface
    private interface Task {
        void run(Session session, String value) throws IOException, InterruptedException;
    }

    /**
     * What can be asked for alone.
     *
     * @param values what its option may be given, a regular expression; "" where it takes no value
     * @param usual  the value where none is given
     * @param quick  whether a quick benchmark has it too
     */
    private record Part(String option, String values, String usual, boolean quick, Task task) {
        Part(String option, boolean quick, Task task) {
            this(option, "", "", quick, task);
        }

        /** The value that this argument gives the part, or null if it means another part. */
        String value(String argument) {
            if (argument.equals(option)) return usual;
            String value = argument.startsWith(option + "=") ? argument.substring(option.length() + 1) : "";
            return !value.isEmpty() && value.matches(values) ? value : null;
        }
    }

    private static final List<Part> PARTS = List.of(
            new Part("--decode", true, (session, _) -> WholeDecodes.wan(session)),
            new Part("--rival", false, (session, _) -> Rivals.run(session)),
            new Part("--encode", false, (session, _) -> WholeEncodes.run(session)),
            new Part("--tiny", false, (session, _) -> TinyDecodes.run(session)),
            new Part("--start", false, (session, _) -> Starts.run(session)),
            new Part(
                    "--steady",
                    "\\d+x\\d+x\\d+",
                    "21x60x104",
                    false,
                    (session, size) -> WholeDecodes.steady(session, Size.parse(size))),
            new Part("--hunyuan", false, (session, _) -> WholeDecodes.hunyuan(session)),
            new Part("--collectors", false, (session, _) -> CollectorRuns.run(session)),
            new Part("--gemm", false, (session, _) -> GemmRuns.run(session)),
            new Part("--kernels", true, (session, _) -> Kernels.run(session)),
            new Part(
                    "--cores",
                    "[1-9]\\d{0,3}(,[1-9]\\d{0,3})*",
                    "16,32,64",
                    false,
                    (session, threads) -> ManyCores.run(session, threads)));

    private Bench() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Map<Part, String> asked = new LinkedHashMap<>();
        boolean quick = false;
        Path folder = Path.of("bench/target/results");
        for (Iterator<String> given = List.of(args).iterator(); given.hasNext(); ) {
            String argument = given.next();
            if (argument.equals("--quick")) quick = true;
            else if (argument.equals("--out") && given.hasNext()) folder = Path.of(given.next());
            else {
                int before = asked.size();
                for (Part part : PARTS) if (part.value(argument) != null) asked.put(part, part.value(argument));
                if (asked.size() == before) refuse(argument);
            }
        }
        Report report =
                new Report(Machine.measure(), "scripts/bench" + (args.length == 0 ? "" : " " + String.join(" ", args)));
        Files.createDirectories(folder);
        Session session = new Session(quick, report, folder);
        for (Part part : PARTS) {
            if (!asked.isEmpty() ? !asked.containsKey(part) : quick && !part.quick()) continue;
            try {
                part.task().run(session, asked.getOrDefault(part, part.usual()));
            } finally {
                report.write(folder); // what was measured before a failure counts
            }
        }
        System.out.println("Written: " + folder.resolve("results.md") + ", results.json, roofline.svg");
    }

    private static void refuse(String argument) {
        System.err.println("scripts/bench knows --quick, --out FOLDER, "
                + PARTS.stream()
                        .map(part -> part.option() + (part.values().isEmpty() ? "" : "[=" + part.usual() + "]"))
                        .collect(Collectors.joining(", "))
                + ", not " + argument + ".");
        System.exit(2);
    }
}
