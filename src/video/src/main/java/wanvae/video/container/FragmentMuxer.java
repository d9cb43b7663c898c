package wanvae.video.container;

import static wanvae.video.container.MovieBoxes.ascii;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.FileTypeBox;
import org.jcodec.containers.mp4.boxes.Header;
import org.jcodec.containers.mp4.boxes.MovieBox;
import org.jcodec.containers.mp4.boxes.NodeBox;

/**
 * Writes a fragmented MP4 to a stream, ISO/IEC 14496-12 section 8.8: {@code ftyp} and {@code moov} at once, then a
 * {@code moof} and an {@code mdat} for each fragment. The stream is flushed after each of them.
 */
public final class FragmentMuxer implements Muxer {
    /** The flags of a sample that others depend on and that depends on none, section 8.8.3.1. */
    private static final int KEY_FLAGS = 0x0200_0000;
    /** The flags of a sample that depends on others and where decoding cannot start. */
    private static final int OTHER_FLAGS = 0x0101_0000;

    private static final int DEFAULT_BASE_IS_MOOF = 0x02_0000;
    private static final int DATA_OFFSET_PRESENT = 0x1;
    private static final int FIRST_SAMPLE_FLAGS_PRESENT = 0x4;
    private static final int SAMPLE_SIZE_PRESENT = 0x200;
    private static final int COMPOSITION_OFFSET_PRESENT = 0x800;

    private final OutputStream out;
    private final VideoTrack track;
    private final MovieBoxes boxes;
    private final long frames;
    private final boolean everySample;
    private final List<Sample> waiting = new ArrayList<>();
    private int sequence;
    private long samplesWritten;

    private record Sample(byte[] data, int delay, boolean key) {}

    /**
     * @param out         flushed, not closed
     * @param everySample whether each sample is a fragment; else each group from a key frame to the next is one
     * @param frames      how many samples will come, from which players learn the duration; negative if unknown
     * @param metadata    metadata of the movie: title, comment and any other key
     */
    public FragmentMuxer(
            OutputStream out, VideoTrack track, boolean everySample, int frames, Map<String, String> metadata) {
        this.out = out;
        this.track = track;
        this.everySample = everySample;
        this.frames = frames;
        boxes = new MovieBoxes(track, metadata, null);
    }

    @Override
    public void begin(SampleDescription codec) throws IOException {
        write(FileTypeBox.createFileTypeBox("iso6", 0, List.of("iso6", "isom", "avc1", "mp41")));
        MovieBox movie = boxes.movie(codec, new SampleIndex(track.sampleDuration()), 0, 0);
        NodeBox extend = new NodeBox(new Header("mvex"));
        if (frames > 0)
            extend.add(box("mehd", ByteBuffer.allocate(8).putInt(0).putInt((int) boxes.movieDuration(frames))));
        extend.add(box(
                "trex",
                ByteBuffer.allocate(24)
                        .putInt(0)
                        .putInt(1)
                        .putInt(1)
                        .putInt(track.sampleDuration())
                        .putInt(0)
                        .putInt(OTHER_FLAGS)));
        movie.add(extend);
        write(movie);
        out.flush();
    }

    @Override
    public void sample(byte[] data, int delay, boolean key) throws IOException {
        if (key && !waiting.isEmpty()) writeFragment();
        waiting.add(new Sample(data, delay, key));
        if (everySample) writeFragment();
    }

    @Override
    public void finish(SampleDescription codec) throws IOException {
        if (!waiting.isEmpty()) writeFragment();
        out.flush();
    }

    private void writeFragment() throws IOException {
        // The offset of the data counts from the beginning of moof. So moof's size must be known first; it does not
        // depend on the offset.
        sequence++;
        int offset = MovieBoxes.bytes(fragment(0)).remaining() + 8;
        write(fragment(offset));
        long bytes = 8;
        for (Sample sample : waiting) bytes += sample.data.length;
        if (bytes > 0xffff_ffffL) throw new IOException("a group of pictures takes more than 4 GB");
        out.write(ByteBuffer.allocate(8).putInt((int) bytes).put(ascii("mdat")).array());
        for (Sample sample : waiting) out.write(sample.data);
        out.flush();
        samplesWritten += waiting.size();
        waiting.clear();
    }

    private Box fragment(int dataOffset) {
        NodeBox fragment = new NodeBox(new Header("moof"));
        fragment.add(box("mfhd", ByteBuffer.allocate(8).putInt(0).putInt(sequence)));
        NodeBox part = new NodeBox(new Header("traf"));
        fragment.add(part);
        part.add(box("tfhd", ByteBuffer.allocate(8).putInt(DEFAULT_BASE_IS_MOOF).putInt(1)));
        part.add(box("tfdt", ByteBuffer.allocate(12).putInt(1 << 24).putLong(samplesWritten * track.sampleDuration())));
        boolean key = waiting.getFirst().key, reordered = track.reordering() > 0;
        int flags = DATA_OFFSET_PRESENT
                | SAMPLE_SIZE_PRESENT
                | (key ? FIRST_SAMPLE_FLAGS_PRESENT : 0)
                | (reordered ? COMPOSITION_OFFSET_PRESENT : 0);
        ByteBuffer run = ByteBuffer.allocate(16 + 8 * waiting.size())
                .putInt(flags)
                .putInt(waiting.size())
                .putInt(dataOffset);
        if (key) run.putInt(KEY_FLAGS);
        for (Sample sample : waiting) {
            run.putInt(sample.data.length);
            if (reordered) run.putInt(sample.delay * track.sampleDuration());
        }
        part.add(box("trun", run));
        return fragment;
    }

    private static Box box(String type, ByteBuffer content) {
        return Box.createLeafBox(new Header(type), content.flip());
    }

    private void write(Box box) throws IOException {
        ByteBuffer bytes = MovieBoxes.bytes(box);
        out.write(bytes.array(), 0, bytes.remaining());
    }
}
