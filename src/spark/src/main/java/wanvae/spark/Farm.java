package wanvae.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import wanvae.cli.UsageException;

/**
 * A job. It finds the clips, has executors compute what each costs and convert them, and writes the summary.
 *
 * @param words the command line, from which {@code conversion} was made
 */
record Farm(SparkSession spark, List<String> words, Conversion conversion) {
    /** The largest number of partitions, because the driver keeps track of each. */
    private static final int PARTITIONS = 10_000;

    /** The number of clips whose headers one task reads. */
    private static final int HEADERS = 64;

    /** The number of failures that are also printed on standard error. */
    private static final int TOLD = 20;

    /**
     * Prints what failed.
     *
     * @return the end of the job in a sentence
     */
    String run() throws IOException {
        FarmFlags farm = conversion.farm();
        List<Clip> clips = clips(new Storage(spark.sparkContext().hadoopConfiguration()));
        Converter converter = Converter.of(spark, words, conversion);
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        List<Double> costs = context.parallelize(clips, Math.ceilDiv(clips.size(), HEADERS))
                .map(converter::cost)
                .collect();
        var left = new ArrayList<Clip>();
        var leftCosts = new ArrayList<Double>();
        for (int i = 0; i < clips.size(); i++)
            if (costs.get(i) != Converter.DONE) {
                left.add(clips.get(i));
                leftCosts.add(costs.get(i));
            }
        String skipped = (clips.size() - left.size()) + " were there already";
        if (left.isEmpty()) return "0 done, " + skipped + ".";
        List<List<Clip>> bins = Bins.of(left, leftCosts, PARTITIONS);
        try {
            List<Row> rows = context.parallelize(bins, bins.size())
                    .flatMap(bin ->
                            bin.stream().map(clip -> unchecked(converter, clip)).iterator())
                    .collect();
            spark.createDataFrame(rows, Clip.SCHEMA)
                    .coalesce(1)
                    .write()
                    .mode(SaveMode.Append)
                    .parquet(farm.summary());
            List<String> failures = rows.stream()
                    .map(row -> row.getString(Clip.SCHEMA.fieldIndex("error")))
                    .filter(Objects::nonNull)
                    .toList();
            failures.stream().limit(TOLD).forEach(failure -> System.err.println("wanvae: " + failure));
            return (rows.size() - failures.size()) + " done, " + skipped + ", " + failures.size() + " failed: "
                    + farm.summary() + " tells about each.";
        } finally {
            converter.storage().clean(left.stream().map(Clip::output).toList(), converter.part());
        }
    }

    private static Row unchecked(Converter converter, Clip clip) {
        try {
            return converter.convert(clip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Clip> clips(Storage storage) throws IOException {
        FarmFlags farm = conversion.farm();
        String folder = storage.absolute(farm.output);
        Map<String, Clip> byOutput = new HashMap<>();
        var clips = new ArrayList<Clip>();
        for (String pattern : farm.inputs)
            for (Storage.Found found : storage.find(pattern)) {
                Clip clip = Clip.of(found.uri(), found.below(), folder, conversion.ending());
                Clip other = byOutput.put(clip.output(), clip);
                if (other == null) clips.add(clip);
                else if (!other.equals(clip))
                    throw new UsageException(other.input() + " and " + clip.input() + " would both be " + clip.output()
                            + ": give them outputs of their own.");
            }
        return clips;
    }
}
