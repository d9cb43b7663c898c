package wanvae.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * An installation of Spark made of links to the jars that Maven has brought, and {@code spark-submit} with it: a driver,
 * and executors in processes of their own.
 *
 * @param folder holds {@code jars}
 */
record SparkHome(Path folder) {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Path APPLICATION = Path.of("target/wanvae-spark.jar").toAbsolutePath();

    /** A process that has ended. */
    record Ended(int code, String output) {}

    static SparkHome in(Path folder) throws IOException {
        Path jars = Files.createDirectories(folder.resolve("jars"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (!jar.toString().contains("wanvae") && jar.toString().endsWith(".jar"))
                Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
        }
        return new SparkHome(folder);
    }

    /** Starts {@code spark-submit --master local-cluster[2,1,2048]} with the application. */
    Process submit(Path output, Collection<String> settings, List<String> words) throws IOException {
        var command = new ArrayList<>(List.of(JAVA, "-Xmx512m"));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(List.of("-cp", folder.resolve("jars") + "/*", "org.apache.spark.deploy.SparkSubmit"));
        command.addAll(List.of("--master", "local-cluster[2,1,2048]", "--class", "wanvae.spark.Main"));
        for (String setting : settings) command.addAll(List.of("--conf", setting));
        command.addAll(List.of("--conf", "spark.ui.enabled=false", APPLICATION.toString()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SPARK_HOME", folder.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return start(builder, output);
    }

    /** Runs the command line out of the same jar. */
    static Ended commandLine(Path output, List<String> words) throws IOException {
        var command = new ArrayList<>(List.of(JAVA, "--add-modules", "jdk.incubator.vector", "-cp"));
        command.addAll(List.of(APPLICATION.toString(), "wanvae.cli.Main"));
        command.addAll(words);
        return end(start(new ProcessBuilder(command), output), output);
    }

    private static Process start(ProcessBuilder builder, Path output) throws IOException {
        return builder.redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .start();
    }

    static Ended end(Process process, Path output) throws IOException {
        CompletableFuture<Process> ended = process.onExit();
        return new Ended(ended.join().exitValue(), Files.readString(output));
    }

    /** The processes of a driver's executors. */
    static List<ProcessHandle> executors(Process driver) {
        return driver.descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                .toList();
    }
}
