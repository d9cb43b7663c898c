package wanvae.video;

/**
 * How to write an output of any kind.
 *
 * @param video   frame rate, colours and what concerns H.264
 * @param files   what to do where the file exists (default: replace it when the new one is complete)
 * @param folders what to do where a folder already holds such frames (default: refuse)
 */
public record OutputOptions(Mp4Options video, IfExists files, IfExists folders) {
    public static final OutputOptions DEFAULT = of(Mp4Options.DEFAULT);

    public static OutputOptions of(Mp4Options video) {
        return new OutputOptions(video, IfExists.REPLACE, IfExists.REFUSE);
    }

    public OutputOptions noClobber(boolean noClobber) {
        return new OutputOptions(video, noClobber ? IfExists.REFUSE : IfExists.REPLACE, folders);
    }

    public OutputOptions overwrite(boolean overwrite) {
        return new OutputOptions(video, files, overwrite ? IfExists.REPLACE : IfExists.REFUSE);
    }
}
