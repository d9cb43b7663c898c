package wanvae.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jcodec.common.model.Rational;
import org.jcodec.containers.mp4.TimeUtil;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.ChunkOffsetsBox;
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
import org.jcodec.containers.mp4.boxes.SampleSizesBox;
import org.jcodec.containers.mp4.boxes.SampleToChunkBox;
import org.jcodec.containers.mp4.boxes.SampleToChunkBox.SampleToChunkEntry;
import org.jcodec.containers.mp4.boxes.SyncSamplesBox;
import org.jcodec.containers.mp4.boxes.TimeToSampleBox;
import org.jcodec.containers.mp4.boxes.TimeToSampleBox.TimeToSampleEntry;
import org.jcodec.containers.mp4.boxes.TrackHeaderBox;
import org.jcodec.containers.mp4.boxes.TrakBox;
import org.jcodec.containers.mp4.boxes.UrlBox;
import org.jcodec.containers.mp4.boxes.VideoMediaHeaderBox;
import org.jcodec.containers.mp4.boxes.VideoSampleEntry;

/**
 * Writes one video track of equally long samples as MP4 or QuickTime, laid out like ffmpeg's {@code -movflags
 * +faststart}: {@code moov} before {@code mdat}. Samples wait in a nameless file beside the target, so that memory
 * holds four bytes for each.
 *
 * <p>Boxes are jcodec's; its {@code MP4Muxer} is not used because it writes {@code moov} last, no colours, and a
 * QuickTime handler into MP4.
 */
final class MovieMuxer implements AutoCloseable {
    /** The two flavours of the format, ISO/IEC 14496-12 and QuickTime. */
    enum Container {
        MP4("isom", List.of("isom", "iso2", "avc1", "mp41")),
        MOV("qt  ", List.of("qt  "));

        private final String brand;
        private final List<String> compatible;

        Container(String brand, List<String> compatible) {
            this.brand = brand;
            this.compatible = compatible;
        }
    }

    private static final int MOVIE_TIMESCALE = 1000;
    /** Media times are counted at least this finely, as ffmpeg does. */
    private static final int LEAST_TIMESCALE = 10_000;

    private static final int UNDETERMINED_LANGUAGE = 0x55c4;
    private static final int[] UNIT_MATRIX = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    /** Creation times are left out, so that the same frames give the same file. */
    private static final long NO_TIME = TimeUtil.fromMovTime(0);

    private final PendingFile file;
    private final Container container;
    private final int height;
    private final int width;
    private final ColorMatrix matrix;
    private final int timescale;
    private final int sampleDuration;
    private final FileChannel waiting;
    private int[] sizes = new int[256];
    private int samples;
    private int[] keys = new int[16];
    private int keyCount;

    MovieMuxer(PendingFile file, Container container, Fps fps, int height, int width, ColorMatrix matrix)
            throws IOException {
        this.file = file;
        this.container = container;
        this.height = height;
        this.width = width;
        this.matrix = matrix;
        int multiple = 1;
        while ((long) fps.numerator() * multiple < LEAST_TIMESCALE
                && 2L * fps.denominator() * multiple <= Integer.MAX_VALUE) multiple *= 2;
        timescale = fps.numerator() * multiple;
        sampleDuration = fps.denominator() * multiple;
        waiting = PendingFile.scratch(file.target());
    }

    /** The next sample, in decoding order, which is the order of display. */
    void sample(byte[] data, boolean key) throws IOException {
        writeFully(waiting, ByteBuffer.wrap(data));
        if (samples == sizes.length) sizes = Arrays.copyOf(sizes, 2 * samples);
        sizes[samples++] = data.length;
        if (!key) return;
        if (keyCount == keys.length) keys = Arrays.copyOf(keys, 2 * keyCount);
        keys[keyCount++] = samples;
    }

    /**
     * Writes the file.
     *
     * @param codec      the sample entry's type
     * @param extensions the codec's own boxes in it
     */
    void finish(String codec, Box... extensions) throws IOException {
        ByteBuffer fileType = bytes(FileTypeBox.createFileTypeBox(container.brand, 512, container.compatible));
        long mediaBytes = waiting.position();
        ByteBuffer mediaHeader = ByteBuffer.allocate(16);
        if (mediaBytes + 8 <= 0xffff_ffffL)
            mediaHeader.putInt((int) (mediaBytes + 8)).put(ascii("mdat"));
        else mediaHeader.putInt(1).put(ascii("mdat")).putLong(mediaBytes + 16);
        mediaHeader.flip();
        // The index tells where the samples begin, which depends on its own size alone.
        int indexSize = bytes(movie(codec, extensions, 0)).remaining();
        int start = fileType.remaining() + indexSize + mediaHeader.remaining();
        FileChannel out = file.channel();
        writeFully(out, fileType);
        writeFully(out, bytes(movie(codec, extensions, start)));
        writeFully(out, mediaHeader);
        for (long at = 0; at < mediaBytes; ) at += waiting.transferTo(at, mediaBytes - at, out);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    private static ByteBuffer bytes(Box box) {
        // estimateSize is a few bytes short for some boxes.
        ByteBuffer bytes = ByteBuffer.allocate(box.estimateSize() + 1024);
        box.write(bytes);
        return bytes.flip();
    }

    private MovieBox movie(String codec, Box[] extensions, long start) {
        long duration = (long) samples * sampleDuration;
        long movieDuration = Math.min(0xffff_ffffL, Math.ceilDiv(duration * MOVIE_TIMESCALE, timescale));
        MovieBox movie = MovieBox.createMovieBox();
        movie.add(MovieHeaderBox.createMovieHeaderBox(
                MOVIE_TIMESCALE, movieDuration, 1, 1, NO_TIME, NO_TIME, UNIT_MATRIX, 2));
        TrakBox track = TrakBox.createTrakBox();
        movie.add(track);
        var header = TrackHeaderBox.createTrackHeaderBox(
                1, movieDuration, width, height, NO_TIME, NO_TIME, 0, (short) 0, 0, UNIT_MATRIX);
        header.setFlags(3); // enabled, in the movie
        track.add(header);
        MediaBox media = MediaBox.createMediaBox();
        track.add(media);
        var mediaHeader =
                MediaHeaderBox.createMediaHeaderBox(timescale, duration, UNDETERMINED_LANGUAGE, NO_TIME, NO_TIME, 0);
        if (duration > 0xffff_ffffL) mediaHeader.setVersion((byte) 1);
        media.add(mediaHeader);
        media.add(handler(container == Container.MOV ? "mhlr" : "\0\0\0\0", "vide", "VideoHandler"));
        MediaInfoBox info = MediaInfoBox.createMediaInfoBox();
        media.add(info);
        var videoHeader = VideoMediaHeaderBox.createVideoMediaHeaderBox(0, 0, 0, 0);
        videoHeader.setFlags(1);
        info.add(videoHeader);
        if (container == Container.MOV) info.add(handler("dhlr", "url ", "DataHandler"));
        info.add(dataInThisFile());
        info.add(sampleTable(codec, extensions, start));
        return movie;
    }

    /** jcodec's {@code HandlerBox} cannot write the name. */
    private Box handler(String componentType, String type, String name) {
        ByteBuffer data = ByteBuffer.allocate(25 + name.length());
        data.putInt(0).put(ascii(componentType)).put(ascii(type)).position(24);
        // QuickTime counts the name's characters, MP4 ends it with a zero.
        if (container == Container.MOV) data.put((byte) name.length()).put(ascii(name));
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

    private NodeBox sampleTable(String codec, Box[] extensions, long start) {
        NodeBox table = new NodeBox(new Header("stbl"));
        VideoSampleEntry entry = VideoSampleEntry.createVideoSampleEntry(
                new Header(codec),
                (short) 0,
                (short) 0,
                "\0\0\0\0",
                0,
                0,
                (short) width,
                (short) height,
                72,
                72,
                (short) 1,
                "",
                (short) 24,
                (short) 1,
                (short) -1);
        for (Box extension : extensions) entry.add(extension);
        entry.add(color());
        entry.add(PixelAspectExt.createPixelAspectExt(Rational.ONE));
        table.add(SampleDescriptionBox.createSampleDescriptionBox(new SampleEntry[] {entry}));
        table.add(TimeToSampleBox.createTimeToSampleBox(
                new TimeToSampleEntry[] {new TimeToSampleEntry(samples, sampleDuration)}));
        if (keyCount < samples) table.add(SyncSamplesBox.createSyncSamplesBox(Arrays.copyOf(keys, keyCount)));
        table.add(SampleToChunkBox.createSampleToChunkBox(
                new SampleToChunkEntry[] {new SampleToChunkEntry(1, samples, 1)}));
        table.add(SampleSizesBox.createSampleSizesBox2(Arrays.copyOf(sizes, samples)));
        table.add(ChunkOffsetsBox.createChunkOffsetsBox(new long[] {start}));
        return table;
    }

    /**
     * Primaries and transfer of BT.709, limited range. jcodec's {@code ColorExtension} cannot write MP4's form of it.
     */
    private Box color() {
        ByteBuffer data = ByteBuffer.allocate(11)
                .put(ascii(container == Container.MP4 ? "nclx" : "nclc"))
                .putShort((short) 1)
                .putShort((short) 1)
                .putShort((short) matrix.codePoint());
        if (container == Container.MP4) data.put((byte) 0);
        return Box.createLeafBox(new Header("colr"), data.flip());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        waiting.close();
    }
}
