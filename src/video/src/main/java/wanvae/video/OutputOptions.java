package wanvae.video;

/**
 * How to write an output of any kind. Immutable; start with {@link #DEFAULT} and change what matters.
 *
 * @param video   frame rate, colours and what concerns H.264
 * @param files   what to do where the file exists (default: replace it when the new one is complete)
 * @param folders what to do where a folder already holds such frames (default: refuse)
 */
public record OutputOptions(Mp4Options video, IfExists files, IfExists folders) {
    /** {@link Mp4Options#DEFAULT}; files are replaced, frames in a folder are not. */
    public static final OutputOptions DEFAULT =
            new OutputOptions(Mp4Options.DEFAULT, IfExists.REPLACE, IfExists.REFUSE);

    /** With a frame rate, colours and what concerns H.264. */
    public OutputOptions withVideo(Mp4Options video) {
        return new OutputOptions(video, files, folders);
    }

    /** With a choice for files that exist. */
    public OutputOptions withFiles(IfExists files) {
        return new OutputOptions(video, files, folders);
    }

    /** With a choice for folders that already hold such frames. */
    public OutputOptions withFolders(IfExists folders) {
        return new OutputOptions(video, files, folders);
    }
}
