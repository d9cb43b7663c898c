package wanvae.spark;

import java.util.List;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import wanvae.cli.Failure;

/**
 * The application: {@code spark-submit wanvae-spark.jar COMMAND OPTIONS}. Exit codes are those of the command line. A
 * file that fails is recorded in the summary and does not make the job fail.
 */
@Command(
        name = "wanvae-spark.jar",
        mixinStandardHelpOptions = true,
        description = "Converts many files on a cluster.",
        subcommands = {DecodeClips.class, EncodeClips.class})
public final class Main {
    private static final int FAILED = 1, USAGE = 2;

    private Main() {}

    /** Runs a job in the session that {@code spark-submit} prepares. */
    public static void main(String[] args) {
        int code = run(List.of(args));
        if (code != 0) System.exit(code);
    }

    private static int run(List<String> words) {
        CommandLine line = commandLine();
        Conversion conversion;
        try {
            ParseResult parsed = line.parseArgs(words.toArray(String[]::new));
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) return help;
            if (parsed.subcommand() == null) {
                line.usage(System.err);
                return USAGE;
            }
            conversion = conversion(parsed);
        } catch (ParameterException e) {
            System.err.println("wanvae: " + e.getMessage());
            return USAGE;
        }
        SparkSession spark = SparkSession.builder().appName("wanvae").getOrCreate();
        try {
            System.err.println("wanvae: " + new Farm(spark, words, conversion).run());
            return 0;
        } catch (Exception e) { // Spark throws checked exceptions from methods that do not declare them
            Failure failure = e instanceof SparkException ? new Failure(FAILED, e.getMessage()) : Failure.of(e);
            System.err.println("wanvae: " + failure.sentence());
            return failure.code();
        } finally {
            spark.stop();
        }
    }

    private static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setUsageHelpWidth(100);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    /** The command of a command line that the driver has already checked. */
    static Conversion conversion(List<String> words) {
        return conversion(commandLine().parseArgs(words.toArray(String[]::new)));
    }

    private static Conversion conversion(ParseResult parsed) {
        return (Conversion) parsed.subcommand().commandSpec().userObject();
    }
}
