package wanvae.spark;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.WanvaeFile;
import wanvae.cli.Failure;
import wanvae.tensorfile.DType;

/**
 * Converts clips on executors; the driver sends this object to them. A clip's results appear under their names when
 * they are complete, whichever attempt made them.
 *
 * @param words   words of the command line, from which each executor makes its {@link Conversion}
 * @param weights name of the file of weights that Spark distributes to the executors
 * @param part    prefix of the names of unfinished results
 */
record Converter(List<String> words, String weights, String part, SerializableConfiguration conf)
        implements Serializable {
    /** The {@link #cost} of a clip whose result exists already. */
    static final double DONE = -1;

    /** Thrown for a clip that failed, if this ends the job. */
    static final class ClipException extends IOException {
        ClipException(String sentence, Throwable cause) {
            super(sentence, cause);
        }
    }

    /**
     * Reads the weights and hands them to Spark as one file that executors map.
     *
     * @throws IOException in one sentence if they cannot be read or belong to no VAE
     */
    static Converter of(SparkSession spark, List<String> words, Conversion conversion) throws IOException {
        var storage = new Storage(spark.sparkContext().hadoopConfiguration());
        String name = "wanvae-" + UUID.randomUUID();
        Path folder = Files.createTempDirectory("wanvae-");
        Path file = folder.resolve(name + ".wanvae");
        Path scratch = Files.createTempDirectory("wanvae-");
        try (Checkpoint checkpoint = conversion.open(storage.local(conversion.farm().weights, scratch))) {
            WanvaeFile.write(checkpoint, file, conversion.stored().withDtype(DType.F32));
        } finally {
            delete(scratch);
        }
        // Executors that start later also fetch the file, so it stays as long as the driver.
        Stream.of(folder, file).map(Path::toFile).forEach(File::deleteOnExit);
        spark.sparkContext().addFile(file.toString());
        return new Converter(
                List.copyOf(words), name + ".wanvae", "." + name + "-", new SerializableConfiguration(storage.conf()));
    }

    Storage storage() {
        return new Storage(conf.value());
    }

    /**
     * Converts a clip unless its result exists already, in which case its row has neither frames nor bytes nor an
     * error.
     */
    Row convertMissing(Clip clip) throws IOException {
        OpenVae open = OpenVae.of(words, weights);
        return !open.conversion().farm().overwrite && isDone(clip) ? clip.row(null, 0, null, null) : convert(clip);
    }

    /**
     * The operations of a clip, or {@link #DONE}; 0 if its header cannot be read, since its conversion will say why.
     */
    double cost(Clip clip) throws IOException {
        OpenVae open = OpenVae.of(words, weights);
        if (!open.conversion().farm().overwrite && isDone(clip)) return DONE;
        Path scratch = Files.createTempDirectory("wanvae-");
        try {
            return open.conversion().operations(open.vae(), storage().head(clip.input(), scratch));
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        } finally {
            delete(scratch);
        }
    }

    private boolean isDone(Clip clip) throws IOException {
        return storage().exists(clip.output()) || storage().exists(clip.firstOfBatch());
    }

    /**
     * Converts a clip.
     *
     * @return its row of the summary, with the error if it failed
     * @throws ClipException if it failed and the first failure is to end the job
     */
    Row convert(Clip clip) throws IOException {
        OpenVae open = OpenVae.of(words, weights);
        Share share = Share.ofTask();
        long start = System.nanoTime();
        Path scratch = Files.createTempDirectory("wanvae-");
        Path input = scratch;
        try {
            input = storage().local(clip.input(), scratch);
            Path results = Files.createDirectory(scratch.resolve("results"));
            String name = clip.output().substring(clip.output().lastIndexOf('/') + 1);
            int frames = open.conversion().convert(open.vae(), input, clip.input(), results.resolve(name), share);
            long bytes = 0;
            for (Path result : lastFirst(results))
                bytes += storage()
                        .publish(
                                result,
                                clip.output().replaceFirst("[^/]*$", "") + result.getFileName(),
                                part,
                                open.conversion().farm().overwrite);
            return clip.row(frames, seconds(start), bytes, null);
        } catch (CancellationException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            String told = Failure.of(e).sentence();
            String sentence = told.contains(clip.input()) ? told : told.replace(input.toString(), clip.input());
            if (open.conversion().farm().failFast) throw new ClipException(sentence, e);
            return clip.row(null, seconds(start), null, sentence);
        } finally {
            delete(scratch);
        }
    }

    /** The results with the first member of a batch at the end, so that if it is published, all are. */
    private static List<Path> lastFirst(Path results) throws IOException {
        try (Stream<Path> files = Files.list(results)) {
            return files.sorted(Comparator.comparingInt(
                                    (Path file) -> file.toString().length())
                            .thenComparing(Path::toString)
                            .reversed())
                    .toList();
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
