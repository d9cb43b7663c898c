package wanvae.spark;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * wanvae in a job of one's own: functions to map a dataset of paths with.
 *
 * <pre>{@code
 * MapFunction<String, Row> decode = WanVaeFunctions.decode(
 *         spark, "--weights", "hdfs://host/vae", "--output", "hdfs://host/videos/", "--quality", "7");
 * Dataset<Row> results = paths.map(decode, Encoders.row(WanVaeFunctions.SCHEMA));
 * }</pre>
 *
 * Each row is a task's work of seconds to minutes, so few paths belong into a partition.
 */
public final class WanVaeFunctions {
    /**
     * The rows: {@code path}, {@code output}, {@code frames} (null of what failed), {@code seconds}, {@code bytes} (null
     * of what failed), {@code error} (a sentence, null of what is done).
     */
    public static final StructType SCHEMA = Clip.SCHEMA;

    private WanVaeFunctions() {}

    /**
     * A function that decodes the file of a URI into the folder of outputs, under the input's name. What is there
     * already is left as it is. The weights are read by this call, and reach the executors by Spark's own means.
     *
     * @param options of the application's {@code decode}, but for {@code --input}, {@code --summary}
     * @throws IOException in one sentence if the weights are no VAE's, or cannot be read
     * @throws IllegalArgumentException if the options are wrong
     */
    public static MapFunction<String, Row> decode(SparkSession spark, String... options) throws IOException {
        List<String> words = Stream.concat(Stream.of("decode", "--input", "-"), Stream.of(options)).toList();
        Conversion conversion;
        try {
            conversion = Main.conversion(words);
        } catch (picocli.CommandLine.ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        Converter converter = Converter.of(spark, words, conversion);
        String folder = converter.storage().absolute(conversion.farm().output);
        String ending = conversion.ending();
        return path -> converter.convert(Clip.of(path, "", folder, ending));
    }
}
