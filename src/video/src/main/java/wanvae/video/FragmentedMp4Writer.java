package wanvae.video;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.container.FragmentMuxer;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/**
 * Writes one video as fragmented MP4 with H.264 to a stream, such as a socket, so that players show it while it is
 * written. The header is written at {@link #begin}, then the frames in order, each flushed to the stream when it is
 * coded. The encoder's {@linkplain Mp4Options#lookahead lookahead} decides how many frames later that is; with {@link
 * Mp4Options#LOW_LATENCY}, {@link #picture} returns when the frame has been written.
 *
 * <p>Pictures, sizes and colours are treated as by {@link Mp4Writer}. The stream is never closed. Not safe for use by
 * several threads at once; all writing is done on the calling thread.
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
     * A writer that ends fragments as {@code fragments} says.
     *
     * @param out written and flushed from the calling thread, not closed
     * @throws IllegalArgumentException if the options ask for sound, which such a stream cannot have
     */
    public static FragmentedMp4Writer to(OutputStream out, Mp4Options options, Fragments fragments) {
        if (options.audio().isPresent()) throw new IllegalArgumentException("a fragmented MP4 here has no sound");
        return new FragmentedMp4Writer(out, options, fragments);
    }

    /**
     * The media type with the codec of such a video, such as {@code video/mp4; codecs="avc1.64001E"}: the value for a
     * response's header and for Media Source Extensions.
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
     * @throws IOException if the shape has no frames or more than one member, or if the stream threw it
     */
    @Override
    public void begin(VideoShape shape) throws IOException {
        sink.begin(shape);
    }

    /** @throws IOException if the stream threw it */
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
