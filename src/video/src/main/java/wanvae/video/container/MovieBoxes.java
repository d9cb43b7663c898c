package wanvae.video.container;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jcodec.common.model.Rational;
import org.jcodec.containers.mp4.TimeUtil;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.DataInfoBox;
import org.jcodec.containers.mp4.boxes.DataRefBox;
import org.jcodec.containers.mp4.boxes.FileTypeBox;
import org.jcodec.containers.mp4.boxes.Header;
import org.jcodec.containers.mp4.boxes.MediaBox;
import org.jcodec.containers.mp4.boxes.MediaHeaderBox;
import org.jcodec.containers.mp4.boxes.MediaInfoBox;
import org.jcodec.containers.mp4.boxes.MovieBox;
import org.jcodec.containers.mp4.boxes.MovieHeaderBox;
import org.jcodec.containers.mp4.boxes.NodeBox;
import org.jcodec.containers.mp4.boxes.PixelAspectExt;
import org.jcodec.containers.mp4.boxes.SampleDescriptionBox;
import org.jcodec.containers.mp4.boxes.SampleEntry;
import org.jcodec.containers.mp4.boxes.TrackHeaderBox;
import org.jcodec.containers.mp4.boxes.TrakBox;
import org.jcodec.containers.mp4.boxes.UrlBox;
import org.jcodec.containers.mp4.boxes.VideoMediaHeaderBox;
import org.jcodec.containers.mp4.boxes.VideoSampleEntry;
import wanvae.video.container.VideoTrack.Container;

/**
 * The boxes that describe a movie of one video track, ISO/IEC 14496-12. Boxes are jcodec's; its {@code MP4Muxer} is not
 * used because it writes {@code moov} last, no colours, and a QuickTime handler into MP4.
 */
final class MovieBoxes {
    /** Units of movie time in a second. */
    private static final int MOVIE_TIMESCALE = 1000;

    private static final int UNDETERMINED_LANGUAGE = 0x55c4;
    private static final int[] UNIT_MATRIX = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    /** Creation times are left out, so that the same frames give the same file. */
    private static final long NO_TIME = TimeUtil.fromMovTime(0);

    private final VideoTrack track;

    MovieBoxes(VideoTrack track) {
        this.track = track;
    }

    /** A box as it stands in a file, positioned at its beginning. */
    static ByteBuffer bytes(Box box) {
        // estimateSize is a few bytes short for some boxes.
        ByteBuffer bytes = ByteBuffer.allocate(box.estimateSize() + 1024);
        box.write(bytes);
        return bytes.flip();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    Box fileType() {
        return track.container() == Container.MP4
                ? FileTypeBox.createFileTypeBox("isom", 512, List.of("isom", "iso2", "avc1", "mp41"))
                : FileTypeBox.createFileTypeBox("qt  ", 512, List.of("qt  "));
    }

    /** {@code samples} pictures in units of movie time, rounded up. */
    long movieDuration(long samples) {
        long duration = samples * track.sampleDuration();
        return Math.min(0xffff_ffffL, Math.ceilDiv(duration * MOVIE_TIMESCALE, track.timescale()));
    }

    /**
     * The {@code moov} box.
     *
     * @param start where the first sample lies in the file
     */
    MovieBox movie(SampleDescription codec, SampleIndex samples, long start) {
        long duration = (long) samples.samples() * track.sampleDuration();
        long movieDuration = movieDuration(samples.samples());
        MovieBox movie = MovieBox.createMovieBox();
        movie.add(MovieHeaderBox.createMovieHeaderBox(
                MOVIE_TIMESCALE, movieDuration, 1, 1, NO_TIME, NO_TIME, UNIT_MATRIX, 2));
        TrakBox trak = TrakBox.createTrakBox();
        movie.add(trak);
        float shownWidth = (float) (track.width() * track.pixelAspect().value());
        var header = TrackHeaderBox.createTrackHeaderBox(
                1, movieDuration, shownWidth, track.height(), NO_TIME, NO_TIME, 0, (short) 0, 0, UNIT_MATRIX);
        header.setFlags(3); // enabled, in the movie
        trak.add(header);
        if (track.reordering() > 0) trak.add(beginning(movieDuration));
        MediaBox media = MediaBox.createMediaBox();
        trak.add(media);
        var mediaHeader = MediaHeaderBox.createMediaHeaderBox(
                track.timescale(), duration, UNDETERMINED_LANGUAGE, NO_TIME, NO_TIME, 0);
        if (duration > 0xffff_ffffL) mediaHeader.setVersion((byte) 1);
        media.add(mediaHeader);
        boolean quickTime = track.container() == Container.MOV;
        media.add(handler(quickTime ? "mhlr" : "\0\0\0\0", "vide", "VideoHandler"));
        MediaInfoBox info = MediaInfoBox.createMediaInfoBox();
        media.add(info);
        var videoHeader = VideoMediaHeaderBox.createVideoMediaHeaderBox(0, 0, 0, 0);
        videoHeader.setFlags(1);
        info.add(videoHeader);
        if (quickTime) info.add(handler("dhlr", "url ", "DataHandler"));
        info.add(dataInThisFile());
        NodeBox table = new NodeBox(new Header("stbl"));
        table.add(SampleDescriptionBox.createSampleDescriptionBox(new SampleEntry[] {entry(codec)}));
        samples.boxes(start).forEach(table::add);
        info.add(table);
        return movie;
    }

    /** The edit list that has the movie begin with the first picture, which is shown later than it is decoded. */
    private Box beginning(long movieDuration) {
        NodeBox edits = new NodeBox(new Header("edts"));
        edits.add(Box.createLeafBox(
                new Header("elst"),
                ByteBuffer.allocate(20)
                        .putInt(0)
                        .putInt(1)
                        .putInt((int) movieDuration)
                        .putInt(track.reordering() * track.sampleDuration())
                        .putInt(0x10000)
                        .flip()));
        return edits;
    }

    /** jcodec's {@code HandlerBox} cannot write the name. */
    private Box handler(String componentType, String type, String name) {
        ByteBuffer data = ByteBuffer.allocate(25 + name.length());
        data.putInt(0).put(ascii(componentType)).put(ascii(type)).position(24);
        // QuickTime counts the name's characters, MP4 ends it with a zero.
        if (track.container() == Container.MOV) data.put((byte) name.length()).put(ascii(name));
        else data.put(ascii(name)).put((byte) 0);
        return Box.createLeafBox(new Header("hdlr"), data.flip());
    }

    private static Box dataInThisFile() {
        DataInfoBox info = DataInfoBox.createDataInfoBox();
        DataRefBox references = DataRefBox.createDataRefBox();
        UrlBox here = UrlBox.createUrlBox(null);
        here.setFlags(1);
        references.add(here);
        info.add(references);
        return info;
    }

    private SampleEntry entry(SampleDescription codec) {
        VideoSampleEntry entry = VideoSampleEntry.createVideoSampleEntry(
                new Header(codec.type()),
                (short) 0,
                (short) 0,
                "\0\0\0\0",
                0,
                0,
                (short) track.width(),
                (short) track.height(),
                72,
                72,
                (short) 1,
                "",
                (short) codec.depth(),
                (short) 1,
                (short) -1);
        codec.extensions().forEach(entry::add);
        entry.add(color());
        entry.add(PixelAspectExt.createPixelAspectExt(
                new Rational(track.pixelAspect().width(), track.pixelAspect().height())));
        return entry;
    }

    /**
     * Primaries and transfer of BT.709, limited range. jcodec's {@code ColorExtension} cannot write MP4's form of it.
     */
    private Box color() {
        boolean mp4 = track.container() == Container.MP4;
        ByteBuffer data = ByteBuffer.allocate(11)
                .put(ascii(mp4 ? "nclx" : "nclc"))
                .putShort((short) 1)
                .putShort((short) 1)
                .putShort((short) track.matrix().codePoint());
        if (mp4) data.put((byte) 0);
        return Box.createLeafBox(new Header("colr"), data.flip());
    }
}
