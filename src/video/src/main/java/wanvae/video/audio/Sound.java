package wanvae.video.audio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The sound of a file, packet by packet as it is stored: nothing is decoded or recoded. The unit of time is the sample
 * frame. Not safe for use by several threads at once.
 */
public sealed interface Sound extends Closeable permits AacSound, PcmSound {
    /**
     * Opens an {@code .m4a}, {@code .mp4} or {@code .mov} with AAC, or a {@code .wav} with PCM.
     *
     * @throws IOException in one sentence that names the file, if it is none of these
     */
    static Sound open(Path file) throws IOException {
        if (!Files.exists(file)) throw new IOException(file + ": there is no such file");
        if (Files.isDirectory(file)) throw new IOException(file + ": is a folder, not a file with sound");
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".wav") ? PcmSound.read(file) : AacSound.read(file);
    }

    /** Sample frames in a second. */
    int rate();

    /** At least 1. */
    int channels();

    /** How many sample frames each packet holds. */
    int packetDuration();

    /** How many sample frames at the beginning of the first packet are not heard: AAC's priming. */
    long skipped();

    /** How many silent sample frames come before the first one that is heard. */
    long delay();

    /** What the user should know, a sentence without its full stop that names the file. */
    default Optional<String> warning() {
        return Optional.empty();
    }

    /**
     * The next packet; after the end of the file, a silent one.
     *
     * @return empty after the end of the file if there is no silent packet for this coding
     * @throws IOException in one sentence that names the file, if it ends early
     */
    Optional<byte[]> packet() throws IOException;
}
