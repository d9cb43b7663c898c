package wanvae.cli;

import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Spec;

/**
 * Prints the whole command line as a page for {@code man}, in the macros of man(7). It is made from the descriptions
 * that {@code --help} shows, so the two cannot differ. Packages contain the page.
 */
@Command(
        name = "generate-man-page",
        hidden = true,
        customSynopsis = "wanvae generate-man-page",
        description = "Write a man page of all commands to standard output.")
final class ManPage implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec own;

    ManPage(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        CommandSpec program = own.root();
        StringBuilder page = new StringBuilder();
        page.append(".TH WANVAE 1 \"\" \"")
                .append(Version.lines(Runtime.version()).getFirst().replaceFirst(" \\(.*", ""))
                .append("\"\n.SH NAME\nwanvae \\- ");
        page.append(text(program.usageMessage().description())).append("\n.SH SYNOPSIS\n.B wanvae\n");
        page.append("COMMAND [OPTIONS]\n.SH COMMANDS\n");
        for (CommandSpec command : subcommands(program)) {
            UsageMessageSpec usage = command.usageMessage();
            page.append(".SS ").append(command.qualifiedName()).append('\n');
            page.append(text(usage.description())).append("\n.PP\n");
            page.append(text(usage.customSynopsis())).append('\n');
            for (PositionalParamSpec parameter : command.positionalParameters())
                item(page, parameter.paramLabel(), parameter);
            for (OptionSpec option : command.options()) if (!option.hidden()) item(page, names(option), option);
            page.append(".PP\nExamples:\n");
            verbatim(page, usage.footer());
        }
        page.append(".SH EXAMPLES\n");
        verbatim(page, program.usageMessage().footer());
        try (Writer out = console.text()) {
            out.append(page);
        }
        return 0;
    }

    private static List<CommandSpec> subcommands(CommandSpec program) {
        return program.subcommands().values().stream()
                .map(line -> line.getCommandSpec())
                .filter(command -> !command.usageMessage().hidden())
                .toList();
    }

    private static String names(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : option.paramLabel();
        if (!value.isEmpty()) value = option.arity().min() == 0 ? "[=" + value + "]" : " " + value;
        return String.join(", ", option.names()) + value;
    }

    private static void item(StringBuilder page, String head, ArgSpec argument) {
        page.append(".TP\n.B \"").append(escaped(head)).append("\"\n");
        page.append(text(argument.description())).append('\n');
    }

    private static void verbatim(StringBuilder page, String[] lines) {
        page.append(".PP\n.nf\n");
        for (String line : lines) page.append(text(line)).append('\n');
        page.append(".fi\n");
    }

    /** Joins lines of a description. They may still be format strings, in which a per cent sign is doubled. */
    private static String text(String... lines) {
        return Arrays.stream(lines)
                .map(line -> escaped(line.replace("%%", "%")))
                .collect(Collectors.joining(" "));
    }

    /** Escapes what roff would take for a macro, an escape or a typographic hyphen. */
    private static String escaped(String line) {
        String plain = line.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
