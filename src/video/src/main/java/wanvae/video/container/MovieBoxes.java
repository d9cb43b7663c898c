package wanvae.video.container;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
import org.jcodec.containers.mp4.boxes.SoundMediaHeaderBox;
import org.jcodec.containers.mp4.boxes.TrackHeaderBox;
import org.jcodec.containers.mp4.boxes.TrakBox;
import org.jcodec.containers.mp4.boxes.UrlBox;
import org.jcodec.containers.mp4.boxes.VideoMediaHeaderBox;
import org.jcodec.containers.mp4.boxes.VideoSampleEntry;
import wanvae.video.container.VideoTrack.Container;

/**
 * Makes the boxes that describe a movie with a video track and perhaps a sound track, ISO/IEC 14496-12. The boxes are
 * jcodec's, but its {@code MP4Muxer} is not used: it writes {@code moov} last, leaves out colours, and writes a
 * QuickTime handler into MP4.
 */
final class MovieBoxes {
    /** Units of movie time in a second. */
    private static final int MOVIE_TIMESCALE = 1000;

    private static final int UNDETERMINED_LANGUAGE = 0x55c4;
    private static final int[] UNIT_MATRIX = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    /** The key of metadata whose value, an instant of ISO 8601, goes into the headers. */
    private static final String CREATION_TIME = "creation_time";

    private final VideoTrack track;
    private final Map<String, String> metadata;
    /** Null: the movie is silent. */
    private final SoundTrack sound;

    private final int timescale;
    /**
     * When the movie was made. It is left out unless the metadata contain it, so that the same frames give the same
     * file.
     */
    private final long made;

    MovieBoxes(VideoTrack track, Map<String, String> metadata, SoundTrack sound) {
        this.track = track;
        this.metadata = metadata;
        this.sound = sound;
        // Edits are in units of movie time, and the sound's must be exact to a sample.
        timescale = sound == null ? MOVIE_TIMESCALE : sound.timescale();
        made = Optional.ofNullable(metadata.get(CREATION_TIME))
                .map(time -> Instant.parse(time).toEpochMilli())
                .orElse(TimeUtil.fromMovTime(0));
    }

    /** A box as it stands in a file, positioned at its beginning. */
    static ByteBuffer bytes(Box box) {
        // estimateSize is a few bytes short for some boxes.
        ByteBuffer bytes = ByteBuffer.allocate(box.estimateSize() + 1024);
        box.write(bytes);
        return bytes.flip();
    }

    static NodeBox node(String type, Box content) {
        NodeBox node = new NodeBox(new Header(type));
        node.add(content);
        return node;
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
        return Math.min(0xffff_ffffL, Math.ceilDiv(duration * timescale, track.timescale()));
    }

    /** The duration of these pictures in sample frames, rounded. */
    long soundLength(SampleIndex pictures) {
        return Math.round((double) pictures.duration() * sound.timescale() / track.timescale());
    }

    /**
     * The {@code moov} box.
     *
     * @param start where the first sample lies in the file
     * @param end   where the last sample ends
     */
    MovieBox movie(SampleDescription codec, SampleIndex pictures, long start, long end) {
        long duration = movieDuration(pictures.samples());
        MovieBox movie = MovieBox.createMovieBox();
        movie.add(MovieHeaderBox.createMovieHeaderBox(
                timescale, duration, 1, 1, made, made, UNIT_MATRIX, sound == null ? 2 : 3));
        float shownWidth = (float) (track.width() * track.pixelAspect().value());
        TrakBox video = trak(1, duration, shownWidth, track.height(), 0);
        movie.add(video);
        if (track.reordering() > 0) video.add(beginning(duration));
        var videoHeader = VideoMediaHeaderBox.createVideoMediaHeaderBox(0, 0, 0, 0);
        videoHeader.setFlags(1);
        Box entry = SampleDescriptionBox.createSampleDescriptionBox(new SampleEntry[] {entry(codec)});
        video.add(media(
                track.timescale(),
                pictures.duration(),
                handler("vide", "VideoHandler"),
                videoHeader,
                entry,
                pictures.boxes(start, end)));
        if (sound != null) movie.add(soundTrak(soundLength(pictures), start, end));
        Map<String, String> said = new TreeMap<>(metadata);
        said.remove(CREATION_TIME);
        MetadataBoxes.of(said, track.container()).forEach(movie::add);
        return movie;
    }

    private TrakBox soundTrak(long length, long start, long end) {
        TrakBox trak = trak(2, Math.min(0xffff_ffffL, length), 0, 0, 1);
        trak.add(sound.edits(length));
        trak.add(media(
                sound.timescale(),
                sound.index().duration(),
                handler("soun", "SoundHandler"),
                SoundMediaHeaderBox.createSoundMediaHeaderBox(),
                sound.description(),
                sound.index().boxes(start, end)));
        return trak;
    }

    private TrakBox trak(int number, long duration, float width, int height, float volume) {
        TrakBox trak = TrakBox.createTrakBox();
        var header = TrackHeaderBox.createTrackHeaderBox(
                number, duration, width, height, made, made, volume, (short) 0, 0, UNIT_MATRIX);
        header.setFlags(3); // enabled, in the movie
        trak.add(header);
        return trak;
    }

    private MediaBox media(int timescale, long duration, Box handler, Box header, Box description, List<Box> samples) {
        MediaBox media = MediaBox.createMediaBox();
        var mediaHeader =
                MediaHeaderBox.createMediaHeaderBox(timescale, duration, UNDETERMINED_LANGUAGE, made, made, 0);
        if (duration > 0xffff_ffffL) mediaHeader.setVersion((byte) 1);
        media.add(mediaHeader);
        media.add(handler);
        MediaInfoBox info = MediaInfoBox.createMediaInfoBox();
        media.add(info);
        info.add(header);
        if (track.container() == Container.MOV) info.add(handler("dhlr", "url ", "DataHandler"));
        info.add(dataInThisFile());
        NodeBox table = node("stbl", description);
        samples.forEach(table::add);
        info.add(table);
        return media;
    }

    /** The edit list by which the movie begins with the first picture, which is shown later than it is decoded. */
    private Box beginning(long movieDuration) {
        return node(
                "edts",
                Box.createLeafBox(
                        new Header("elst"),
                        ByteBuffer.allocate(20)
                                .putInt(0)
                                .putInt(1)
                                .putInt((int) movieDuration)
                                .putInt(track.reordering() * track.sampleDuration())
                                .putInt(0x10000)
                                .flip()));
    }

    private Box handler(String type, String name) {
        return handler(track.container() == Container.MOV ? "mhlr" : "\0\0\0\0", type, name);
    }

    /** jcodec's {@code HandlerBox} cannot write the name. */
    private Box handler(String componentType, String type, String name) {
        ByteBuffer data = ByteBuffer.allocate(25 + name.length());
        data.putInt(0).put(ascii(componentType)).put(ascii(type)).position(24);
        // QuickTime stores the name's length before it, MP4 a zero after it.
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
