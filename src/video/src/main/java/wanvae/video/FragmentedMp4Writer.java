package wanvae.video;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.container.FragmentMuxer;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/**
 * Fragmented MP4 with H.264 to a stream, such as a socket, that players show while it is written: one video, its
 * header at {@link #begin} and then its frames in order, each flushed to the stream when it is coded. The encoder's
 * {@linkplain Mp4Options#lookahead lookahead} decides how many frames later that is; with {@link
 * Mp4Options#LOW_LATENCY}, {@link #picture} returns when the frame has been written.
 *
 * <p>Pictures, sizes and colours are those of {@link Mp4Writer}. The stream is never closed. Not safe for use by several
 * threads at once; all writing is done on the calling thread.
 */
public final class FragmentedMp4Writer implements PictureSink {
    private final StreamSink sink;

    private FragmentedMp4Writer(OutputStream out, Mp4Options options, Fragments fragments) {
        sink = new StreamSink(
                ".mp4",
                (shape, warnings) -> new H264Clip(
                        shape,
                        options,
                        warnings,
                        track -> new FragmentMuxer(
                                out, track, fragments == Fragments.FRAME, shape.frames(), options.metadata())));
    }

    /** A writer of one fragment for each frame. */
    public static FragmentedMp4Writer to(OutputStream out, Mp4Options options) {
        return to(out, options, Fragments.FRAME);
    }

    /**
     * A writer with a choice of fragments.
     *
     * @param out written and flushed from the calling thread, not closed
     * @throws IllegalArgumentException if the options name sound: such a stream has none
     */
    public static FragmentedMp4Writer to(OutputStream out, Mp4Options options, Fragments fragments) {
        if (options.audio().isPresent()) throw new IllegalArgumentException("a fragmented MP4 here has no sound");
        return new FragmentedMp4Writer(out, options, fragments);
    }

    /**
     * The media type with the codec of such a video, such as {@code video/mp4; codecs="avc1.64001E"}: for the header of
     * a response, and what Media Source Extensions ask for.
     *
     * @throws IllegalArgumentException if H.264 cannot have pictures of this shape
     */
    public static String mediaType(VideoShape shape, Mp4Options options) {
        return "video/mp4; codecs=\"" + H264Clip.codecs(shape, options) + "\"";
    }

    @Override
    public List<String> warnings() {
        return sink.warnings();
    }

    /**
     * Writes the header.
     *
     * @throws IOException if the shape has no frames or more than one member, or what the stream threw
     */
    @Override
    public void begin(VideoShape shape) throws IOException {
        sink.begin(shape);
    }

    /** @throws IOException what the stream threw */
    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        sink.picture(member, index, picture);
    }

    /** Writes the frames that the encoder still holds. */
    @Override
    public void finish() throws IOException {
        sink.finish();
    }

    /** Stops the encoder's threads. */
    @Override
    public void close() throws IOException {
        sink.close();
    }
}
