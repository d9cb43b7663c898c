package wanvae.video;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.container.MovieMuxer;
import wanvae.video.container.VideoTrack;
import wanvae.video.container.VideoTrack.Container;
import wanvae.video.picture.PictureSink;

/**
 * Writes MP4 with H.264: 8-bit 4:2:0 in limited range with its colours tagged, and the index before the pictures.
 * Floats become bytes as in diffusers' {@code export_to_video}. The encoder has threads of its own, which end when a
 * clip is complete or the writer is closed.
 *
 * @see FragmentedMp4Writer for streams that cannot seek
 */
public final class Mp4Writer extends ClipWriter {
    private final Mp4Options options;

    private Mp4Writer(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        super(target, ifExists);
        Soundtrack.check(options, Container.MP4);
        this.options = options;
    }

    /**
     * A writer of {@code target}, or of numbered files where there are several members.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static Mp4Writer create(Path target, Mp4Options options) throws IOException {
        return create(target, options, IfExists.REPLACE);
    }

    /**
     * As {@link #create(Path, Mp4Options)}; {@code ifExists} says what to do with a file that exists.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static Mp4Writer create(Path target, Mp4Options options, IfExists ifExists) throws IOException {
        return new Mp4Writer(target, options, ifExists);
    }

    /**
     * A writer of one video to a channel, with the same bytes as in a file. The video begins at the channel's position,
     * from which its offsets count. {@link PictureSink#finish} completes the video and leaves the position behind it.
     *
     * @param channel open for writing and reading; not closed
     */
    public static PictureSink to(SeekableByteChannel channel, Mp4Options options) {
        return new StreamSink(
                ".mp4",
                (shape, warnings) ->
                        new H264Clip(shape, options, warnings, track -> muxer(channel, track, options, warnings)));
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        return new H264Clip(shape, options, warnings, track -> muxer(file.channel(), track, options, warnings));
    }

    private static MovieMuxer muxer(
            SeekableByteChannel channel, VideoTrack track, Mp4Options options, List<String> warnings)
            throws IOException {
        return new MovieMuxer(channel, track, options.metadata(), Soundtrack.open(options, Container.MP4, warnings));
    }
}
