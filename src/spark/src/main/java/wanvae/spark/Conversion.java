package wanvae.spark;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;

/**
 * What is done with each file, and the options that say how: a command of the application. Driver and executors each
 * make their own out of the words of the command line. Files are local ones here.
 */
interface Conversion {
    /** Where files come from and go to. */
    FarmFlags farm();

    /** The ending of outputs where the user chose none, as {@code .mp4}. */
    String ending();

    /** The description of the weights; refuses options that do not fit them. */
    Checkpoint open(Path weights) throws IOException;

    /** What executors get of the weights. */
    ConvertOptions stored();

    /** How to open the weights themselves. */
    OpenOptions opening();

    /**
     * Floating-point operations of converting a file, by its header alone.
     *
     * @param head as long as the file, with its beginning and its end
     */
    double operations(WanVae vae, Path head) throws IOException;

    /**
     * Converts a file.
     *
     * @param name what messages call it
     * @param output has the ending; the result is this file, or several beside it, numbered
     * @return frames of the result
     */
    int convert(WanVae vae, Path input, String name, Path output, Share share) throws IOException;
}
