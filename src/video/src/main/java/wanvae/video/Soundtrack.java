package wanvae.video;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wanvae.video.audio.PcmSound;
import wanvae.video.audio.Sound;
import wanvae.video.container.VideoTrack.Container;

/** Opens the sound of a movie. */
final class Soundtrack {
    private Soundtrack() {}

    /**
     * Opens the sound that the options name.
     *
     * @param warnings receives what the user should know
     * @throws IOException in one sentence that names the file, if this kind of container cannot take it
     */
    static Optional<Sound> open(Mp4Options options, Container container, List<String> warnings) throws IOException {
        if (options.audio().isEmpty()) return Optional.empty();
        Path file = options.audio().get();
        Sound sound = Sound.open(file);
        if (container == Container.MOV || !(sound instanceof PcmSound)) {
            sound.warning().ifPresent(warnings::add);
            return Optional.of(sound);
        }
        sound.close();
        throw new IOException(
                file + ": MP4 takes AAC and this is PCM: name an output ending in .mov, or code it with ffmpeg -i "
                        + file.getFileName() + " sound.m4a");
    }

    /** Checks what {@link #open} checks, without leaving the file open. */
    static void check(Mp4Options options, Container container) throws IOException {
        try (Sound _ = open(options, container, new ArrayList<>()).orElse(null)) {
            // Opening has checked it.
        }
    }
}
