package wanvae.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkFiles;
import wanvae.WanVae;

/**
 * The VAE of a job, opened once in each executor. Its weights are mapped from the file that Spark has copied there. It
 * stays open until the executor ends.
 *
 * @param conversion the conversion of this executor
 */
record OpenVae(WanVae vae, Conversion conversion) {
    private static final Map<String, OpenVae> OPEN = new HashMap<>();

    /**
     * Opens the VAE, or returns the one that is open.
     *
     * @param words   words of the command line
     * @param weights name of the file that the driver handed to Spark
     */
    static synchronized OpenVae of(List<String> words, String weights) throws IOException {
        OpenVae open = OPEN.get(weights);
        if (open != null) return open;
        Conversion conversion = Main.conversion(words);
        // Tasks of an executor follow each other, so memory and transformed weights are kept for the next one.
        WanVae vae = WanVae.open(
                Path.of(SparkFiles.get(weights)), conversion.opening().withKeepMemory(true));
        open = new OpenVae(vae, conversion);
        OPEN.put(weights, open);
        return open;
    }
}
