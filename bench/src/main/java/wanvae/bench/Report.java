package wanvae.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results as they come in, written as Markdown, JSON and a roofline plot. */
final class Report {
    private final Machine machine;
    private final String command;
    private final List<Row> decodes = new ArrayList<>(), kernels = new ArrayList<>();
    private final List<Flat> ratios = new ArrayList<>();
    private final StringBuilder calculated = new StringBuilder();

    /** @param command what reproduces the results */
    Report(Machine machine, String command) {
        this.machine = machine;
        this.command = command;
    }

    void decode(Row row) {
        decodes.add(say(row));
    }

    void kernel(Row row) {
        kernels.add(say(row));
    }

    private static Row say(Row row) {
        System.out.println(line(row));
        return row;
    }

    /** A quotient that has a target. */
    void ratio(String what, double value, String target) {
        ratios.add(new Flat().with("what", what).with("value", value).with("target", target));
        System.out.printf(Locale.ROOT, "%s: %.2f (target %s)%n", what, value, target);
    }

    /** Tables in Markdown, of what was calculated and not measured. */
    void calculated(String markdown) {
        calculated.append(markdown).append('\n');
        System.out.println(markdown);
    }

    /** Writes {@code results.md}, {@code results.json} and {@code roofline.svg} into the folder. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("results.md"), markdown());
        try (JsonGenerator json = new JsonFactory()
                .createGenerator(Files.newBufferedWriter(folder.resolve("results.json")))
                .useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeFieldName("machine");
            new Flat()
                    .with("processor", machine.processor())
                    .with("processors", machine.processors())
                    .with("system", machine.system())
                    .with("java", machine.java())
                    .with("caches", machine.caches())
                    .with("copy_gigabytes_per_second", machine.bandwidth())
                    .write(json);
            json.writeStringField("command", command);
            write(json, "decodes", decodes.stream().map(Row::flat).toList());
            write(json, "ratios", ratios);
            write(json, "kernels", kernels.stream().map(Row::flat).toList());
            json.writeEndObject();
        }
        List<Row> all = new ArrayList<>(kernels);
        all.addAll(decodes);
        all.removeIf(row -> row.seconds() == 0);
        if (!all.isEmpty()) Files.writeString(folder.resolve("roofline.svg"), Roofline.svg(machine, all));
    }

    private static void write(JsonGenerator json, String name, List<Flat> flats) throws IOException {
        json.writeArrayFieldStart(name);
        for (Flat flat : flats) flat.write(json);
        json.writeEndArray();
    }

    private String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("%s, %d processors, %s, %s, Java %s. Produced by `%s`.%n%n"
                .formatted(
                        machine.processor(),
                        machine.processors(),
                        machine.caches(),
                        machine.system(),
                        machine.java(),
                        command));
        text.append("""
                GFLOP/s are direct-convolution operations a second, whatever algorithm ran; × peak is that over the FMA peak of as many threads,
                measured before and after in the same process. Decodes on one thread are timed by the processor time of their process, which is
                the time itself on a processor that nothing else uses.

                """);
        table(text, "Decode", decodes);
        if (!ratios.isEmpty()) {
            text.append("| | | target |\n|---|---:|---|\n");
            for (Flat r : ratios)
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %.2f | %s |%n",
                        r.values().get("what"),
                        r.number("value"),
                        r.values().get("target")));
            text.append('\n');
        }
        table(text, "Kernel", kernels);
        text.append(calculated);
        return text.toString();
    }

    private static void table(StringBuilder text, String title, List<Row> rows) {
        if (rows.isEmpty()) return;
        text.append("| ")
                .append(title)
                .append(
                        " | threads | s | GFLOP/s | FMA peak | × peak | MB | |\n|---|---:|---:|---:|---:|---:|---:|---|\n");
        for (Row row : rows) text.append(line(row)).append('\n');
        text.append('\n');
    }

    private static String line(Row row) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s | %s | %s | %s | %s | %s |",
                row.what(),
                row.threads(),
                number(row.seconds() < 1 ? "%.4f" : "%.2f", row.seconds()),
                number("%.0f", row.gflops()),
                number("%.0f", row.peak()),
                number("%.2f", row.multiple()),
                number("%.0f", row.memoryMb()),
                row.note());
    }

    /** Zero stands for what was not measured or is not counted. */
    private static String number(String format, double value) {
        return value > 0 ? String.format(Locale.ROOT, format, value) : "";
    }
}
