package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.kernel.IsFinite;
import wanvae.model.StageOutput;
import wanvae.model.StageSource;
import wanvae.model.VaeEncoder;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;

/**
 * Takes the pictures of one member from a source and cuts them into patches, as the encoder reads them: a group of
 * pictures at a time as the encoder goes on, or all of them first ({@link #readAll}).
 */
final class PictureReader implements StageSource {
    /** Makes room for a group of pictures. */
    @FunctionalInterface
    interface Room {
        MemorySegment make(long bytes) throws IOException;
    }

    private final VaeEncoder encoder;
    private final EncodedVideo video;
    private final FrameSource source;
    private final int member;
    private final EncodeRun run;
    private final Room room;
    /** Groups of pictures: all, or the latest. */
    private final List<MemorySegment> groups = new ArrayList<>();

    private boolean keeps;
    private int read;

    /** @param room makes room for {@link #groupBytes} at a time, once or for every group */
    PictureReader(VaeEncoder encoder, EncodedVideo video, FrameSource source, int member, EncodeRun run, Room room) {
        this.encoder = encoder;
        this.video = video;
        this.source = source;
        this.member = member;
        this.run = run;
        this.room = room;
    }

    /** Bytes of a group of pictures. */
    static long groupBytes(VaeEncoder encoder, EncodedVideo video) {
        return encoder.group() * video.pictureBytes();
    }

    /** Bytes of all groups of this many pictures. */
    static long bytes(VaeEncoder encoder, EncodedVideo video, int frames) {
        return Math.ceilDiv(frames, encoder.group()) * groupBytes(encoder, video);
    }

    /** Reads all pictures that are encoded and returns their number. */
    int readAll() throws IOException {
        keeps = true;
        int most = video.clip().frames();
        while (read < most && readNext()) run.team().requireGoingOn();
        if (read > 0) read = encoder.encodedFrames(read);
        return read;
    }

    @Override
    public int available(int first, int most) throws IOException {
        while (!keeps && read < first + most && readNext()) run.team().requireGoingOn();
        return Math.clamp(read - first, 0, most);
    }

    private MemorySegment picture(int frame) {
        int group = encoder.group();
        return groups.get(keeps ? frame / group : 0)
                .asSlice(frame % group * video.pictureBytes(), video.pictureBytes());
    }

    /** Reads the next picture, unless the video ends there. */
    private boolean readNext() throws IOException {
        Optional<Frame> next = source.next();
        if (next.isEmpty()) {
            if (video.isOpenEnded()) return false;
            throw new FormatException("The video ends after " + read + " frames"
                    + (video.members() > 1 ? " of member " + member : "") + "; " + video.frames() + " were announced.");
        }
        Frame frame = next.get();
        VideoShape shape = source.shape();
        if (frame.height() != shape.height() || frame.width() != shape.width())
            throw new FormatException("Frame " + read + " of the video is " + frame.width() + "x" + frame.height()
                    + ", but " + shape.width() + "x" + shape.height() + " was announced.");
        if (frame.channels() > video.colours())
            throw new FormatException("Frame " + read + " of the video has an alpha channel, and this VAE takes none.");
        if (groups.isEmpty() || keeps && read % encoder.group() == 0) groups.add(room.make(groupBytes(encoder, video)));
        MemorySegment picture = picture(read);
        copy(frame, picture);
        if (!run.allowNonfinite()) requireFinite(picture);
        read++;
        return true;
    }

    /** Copies the part of a frame that is encoded. A frame without alpha becomes opaque if the VAE takes alpha. */
    private void copy(Frame frame, MemorySegment picture) {
        int width = video.width(), colours = video.colours(), channels = frame.channels();
        long row = 4L * colours * width, given = 4L * channels * frame.width();
        for (int y = 0; y < video.height(); y++) {
            if (channels == colours) {
                MemorySegment.copy(frame.pixels(), y * given, picture, y * row, row);
                continue;
            }
            for (int x = 0; x < width; x++) {
                long pixel = y * row + 4L * colours * x;
                MemorySegment.copy(frame.pixels(), y * given + 4L * channels * x, picture, pixel, 4L * channels);
                picture.set(ValueLayout.JAVA_FLOAT_UNALIGNED, pixel + 4L * channels, 1f);
            }
        }
    }

    private void requireFinite(MemorySegment picture) throws FormatException {
        if (picture.byteSize() % 8 == 0 && IsFinite.all(picture)) return;
        for (long i = 0; i < picture.byteSize() / 4; i++)
            if (!Float.isFinite(picture.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i))) {
                long pixel = i / video.colours();
                throw new FormatException("Frame " + read + " of the video"
                        + (video.members() > 1 ? ", member " + member + "," : "")
                        + " has a value that is not finite, first at row " + pixel / video.width() + ", column "
                        + pixel % video.width() + "; such frames are encoded only if allowed.");
            }
    }

    /** Skips the frames of this member that are not encoded. */
    void skipRest() throws IOException {
        int frames = source.shape().frames();
        for (int skipped = read; skipped < frames && source.next().isPresent(); skipped++)
            run.team().requireGoingOn();
    }

    @Override
    public void read(int first, StageOutput target) {
        for (int t = 0; t < target.frames().count(); t++) cut(run.team(), picture(first + t), target, t);
    }

    private void cut(Team team, MemorySegment picture, StageOutput target, int t) {
        PixelFormat.of(encoder.config()).patches(team, picture, target.frames(), t);
    }

    /**
     * The same pictures cut to a tile.
     *
     * @param tile in pixels
     * @param room {@code 4 · colours · height · width} bytes
     */
    StageSource tile(Tile tile, MemorySegment room) {
        long row = 4L * video.colours() * tile.width(), pictureRow = 4L * video.colours() * video.width();
        long left = 4L * video.colours() * tile.x();
        return (first, target) -> {
            for (int t = 0; t < target.frames().count(); t++) {
                MemorySegment picture = picture(first + t);
                run.team()
                        .run(
                                tile.height(),
                                (y, worker) -> MemorySegment.copy(
                                        picture, (tile.y() + y) * pictureRow + left, room, y * row, row));
                cut(run.team(), room, target, t);
            }
        };
    }
}
