package wanvae.video;

import java.util.Optional;
import wanvae.video.picture.Background;

/**
 * How to write an output of any kind. Immutable; start with {@link #DEFAULT} and change what matters.
 *
 * @param video   frame rate, colours, sound, metadata and the options of H.264
 * @param files   what to do if the file exists (default: replace it when the new one is complete)
 * @param folders what to do if a folder already holds such frames (default: refuse)
 * @param background the colour behind pictures with alpha; empty keeps alpha where the output can, and takes black where
 *                it cannot (default)
 */
public record OutputOptions(Mp4Options video, IfExists files, IfExists folders, Optional<Background> background) {
    /** {@link Mp4Options#DEFAULT}; files are replaced, frames in a folder are not. */
    public static final OutputOptions DEFAULT =
            new OutputOptions(Mp4Options.DEFAULT, IfExists.REPLACE, IfExists.REFUSE, Optional.empty());

    /** With a frame rate, colours, sound, metadata and the options of H.264. */
    public OutputOptions withVideo(Mp4Options video) {
        return new OutputOptions(video, files, folders, background);
    }

    /** With a choice for files that exist. */
    public OutputOptions withFiles(IfExists files) {
        return new OutputOptions(video, files, folders, background);
    }

    /** With a colour behind pictures with alpha, in every output. */
    public OutputOptions withBackground(Background background) {
        return new OutputOptions(video, files, folders, Optional.of(background));
    }

    /** With a choice for folders that already hold such frames. */
    public OutputOptions withFolders(IfExists folders) {
        return new OutputOptions(video, files, folders, background);
    }
}
