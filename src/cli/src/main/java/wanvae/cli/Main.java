package wanvae.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;
import wanvae.WarmUp;

/** The command {@code wanvae} with its subcommands. */
@Command(
        name = "wanvae",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Turns Wan video latents into video, and video into latents, on a CPU.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae demo                                           see it work: two seconds of video",
            "  wanvae decode latents.safetensors -w vae/ -o out.mp4  latents of a pipeline into an MP4",
            "  wanvae encode in.mp4 -w vae/ -o latents.safetensors   a video into latents",
            "  wanvae info vae/ latents.safetensors                  what they are, and what decoding costs",
            "  wanvae serve -w vae/                                  a server for pipelines, curl and browsers",
            "",
            "'wanvae COMMAND --help' explains a command.",
            "Exit codes: 0 done, 1 a problem with files, contents, memory or disk, 2 a wrong command line, 130 interrupted."
        })
public final class Main {
    static final String VERBOSE = Subcommand.VERBOSE;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INTERRUPTED = 130;

    private Main() {}

    public static void main(String[] args) {
        Interruption interruption = new Interruption();
        interruption.watch();
        HeapWatch.begin();
        // The arithmetic is compiled while the command line is parsed.
        if (args.length > 1 && List.of("decode", "encode").contains(args[0])) WarmUp.begin();
        interruption.exit(run(args, Console.ofProcess(), interruption));
    }

    /**
     * Runs one command line in this process.
     *
     * @return the exit code
     */
    static int run(String[] args, Console console, Interruption interruption) {
        CommandLine line = commandLine(args, console, interruption);
        try {
            return line.execute(args);
        } catch (Error e) {
            return report(e, args, console.err(), interruption);
        }
    }

    private static CommandLine commandLine(String[] args, Console console, Interruption interruption) {
        CommandLine line = new CommandLine(new Main());
        SequencedMap<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("demo", () -> new DemoCommand(console, interruption));
        commands.put("preview", () -> new PreviewCommand(console));
        commands.put("decode", () -> new DecodeCommand(console, interruption));
        commands.put("encode", () -> new EncodeCommand(console, interruption));
        commands.put("bench", () -> new BenchCommand(console, interruption));
        commands.put("export", () -> new ExportCommand(console, interruption));
        commands.put("convert", () -> new ConvertCommand(console));
        commands.put("info", () -> new InfoCommand(console));
        // Building the model of a command's options takes time, so the other commands are left out if one is named.
        Supplier<Object> named = args.length == 0 ? null : commands.get(args[0]);
        if (named != null) line.addSubcommand(named.get());
        else {
            commands.values().forEach(command -> line.addSubcommand(command.get()));
            line.addSubcommand(new ManPage(console));
            for (Subcommand other : ServiceLoader.load(Subcommand.class))
                line.addSubcommand(other.command(console, interruption));
            CommandLine completion = new CommandLine(new GenerateCompletion());
            completion.getCommandSpec().usageMessage().hidden(true);
            line.addSubcommand(completion);
        }
        line.registerConverter(String.class, Main::nonEmpty);
        line.registerConverter(Path.class, text -> Path.of(nonEmpty(text)));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(100);
        line.setAbbreviatedOptionsAllowed(false);
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setExecutionStrategy(parsed -> {
            if (parsed.subcommand() == null && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
                parsed.commandSpec().commandLine().usage(console.err());
                return USAGE;
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler((e, rest) -> {
            console.err()
                    .println("wanvae: " + sentence(e) + " See '"
                            + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return USAGE;
        });
        line.setExecutionExceptionHandler((e, command, parsed) ->
                report(e, parsed.originalArgs().toArray(String[]::new), console.err(), interruption));
        return line;
    }

    /** Refuses an empty value, which usually comes from a shell variable that was never set. */
    private static String nonEmpty(String text) {
        if (text.isEmpty()) throw new TypeConversionException("the name is empty");
        return text;
    }

    private static String sentence(ParameterException e) {
        String message = e.getMessage().strip();
        if (e instanceof UnmatchedArgumentException empty
                && empty.getUnmatched().getFirst().isEmpty()) return "a name on the command line is empty.";
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            String what = unmatched.getUnmatched().getFirst();
            message = (unmatched.isUnknownOption()
                            ? "there is no option " + what
                            : "'" + what + "' is one argument too many")
                    + (suggestions.isEmpty() ? "" : "; did you mean " + suggestions.getFirst() + "?");
        }
        return message.endsWith(".") || message.endsWith("?") ? message : message + ".";
    }

    private static int report(Throwable thrown, String[] args, PrintStream err, Interruption interruption) {
        boolean piped = List.of(args).contains("-");
        Failure failure = interruption.getAsBoolean() || piped && interruption.isComing()
                ? Failure.INTERRUPTED
                : Failure.of(thrown);
        if (!failure.sentence().isEmpty()) err.println("wanvae: " + failure.sentence());
        if (List.of(args).contains(VERBOSE)) thrown.printStackTrace(err);
        return failure.code();
    }
}
