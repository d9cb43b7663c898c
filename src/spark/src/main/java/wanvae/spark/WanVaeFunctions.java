package wanvae.spark;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.ParameterException;
import wanvae.cli.UsageException;

/**
 * wanvae for your own Spark jobs: functions that map a dataset of paths.
 *
 * <pre>{@code
 * MapFunction<String, Row> decode = WanVaeFunctions.decode(
 *         spark, "--weights", "hdfs://host/vae", "--output", "hdfs://host/videos/", "--quality", "7");
 * Dataset<Row> results = paths.map(decode, Encoders.row(WanVaeFunctions.SCHEMA));
 * }</pre>
 *
 * Each row takes seconds to minutes, so a partition should have few paths.
 */
public final class WanVaeFunctions {
    /**
     * The rows: {@code path}, {@code output}, {@code frames} of the result, {@code seconds}, {@code bytes}, {@code
     * error}. If a file failed, {@code error} is a sentence, and {@code frames} and {@code bytes} are null. If a result
     * existed already, all three are null.
     */
    public static final StructType SCHEMA = Clip.SCHEMA;

    private WanVaeFunctions() {}

    /**
     * A function that decodes the file of latents at a URI into the folder of outputs, under the input's name. Existing
     * results are left as they are. This call reads the weights, and Spark distributes them to the executors.
     *
     * @param options options of the application's {@code decode}, except {@code --input} and {@code --summary}
     * @throws IOException in one sentence if the weights cannot be read or belong to no VAE
     * @throws IllegalArgumentException if the options are wrong
     */
    public static MapFunction<String, Row> decode(SparkSession spark, String... options) throws IOException {
        return function(spark, "decode", options);
    }

    /**
     * A function that encodes the video at a URI into latents in the folder of outputs: the reverse of {@link #decode}.
     *
     * @param options options of the application's {@code encode}, except {@code --input} and {@code --summary}
     * @throws IOException in one sentence if the weights have no encoder, or cannot be read
     * @throws IllegalArgumentException if the options are wrong
     */
    public static MapFunction<String, Row> encode(SparkSession spark, String... options) throws IOException {
        return function(spark, "encode", options);
    }

    private static MapFunction<String, Row> function(SparkSession spark, String command, String... options)
            throws IOException {
        List<String> words = Stream.concat(Stream.of(command, "--input", "-"), Stream.of(options))
                .toList();
        Conversion conversion;
        Converter converter;
        try {
            conversion = Main.conversion(words);
            converter = Converter.of(spark, words, conversion);
        } catch (ParameterException | UsageException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        String folder = converter.storage().absolute(conversion.farm().output);
        String ending = conversion.ending();
        return path -> converter.convertMissing(Clip.of(path, "", folder, ending));
    }
}
