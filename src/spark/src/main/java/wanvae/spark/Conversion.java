package wanvae.spark;

import java.io.IOException;
import java.nio.file.Path;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;

/**
 * A command of the application: what is done with each file, and the options that say how. The driver and each executor
 * make their own conversion from the words of the command line. All paths here are local.
 */
interface Conversion {
    /** Where files come from and go to. */
    FarmFlags farm();

    /** The ending of outputs, such as {@code .mp4}: the user's choice, or else this command's default. */
    String ending();

    /** Opens the description of the weights, and refuses options that do not fit them. */
    Checkpoint open(Path weights) throws IOException;

    /** Which part of the weights executors get. */
    ConvertOptions stored();

    /** The options for opening the weights themselves. */
    OpenOptions opening();

    /**
     * The floating-point operations of converting a file, computed from its header alone.
     *
     * @param head a sparse file as long as the original, with its beginning and end
     */
    double operations(WanVae vae, Path head) throws IOException;

    /**
     * Converts a file.
     *
     * @param name what messages call it
     * @param output the result, whose name has the ending; a batch makes several files beside it, numbered
     * @return the number of frames of the result
     */
    int convert(WanVae vae, Path input, String name, Path output, Share share) throws IOException;
}
