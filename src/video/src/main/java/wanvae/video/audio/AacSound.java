package wanvae.video.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jcodec.codecs.mpeg4.mp4.EsdsBox;
import org.jcodec.common.io.NIOUtils;
import org.jcodec.containers.mp4.boxes.Header;
import wanvae.video.movie.MovieFile;
import wanvae.video.movie.MovieTrack;
import wanvae.video.movie.MovieTrack.Edit;
import wanvae.video.movie.SampleTable;

/** The first AAC track of an MP4 or QuickTime file. */
public final class AacSound implements Sound {
    private static final int MPEG_4_AUDIO = 0x40;
    private static final List<Integer> MPEG_2_AAC = List.of(0x66, 0x67, 0x68);
    private static final int LONGEST_PACKET = 1 << 14;
    private static final int CHANNELS_AT = 16;

    private final Path file;
    private final MovieFile movie;
    private final MovieTrack track;
    private final int channels;
    private final int packetDuration;
    private final Optional<byte[]> silence;
    private long skipped;
    private long delay;
    private int next;

    static AacSound read(Path file) throws IOException {
        MovieFile movie = MovieFile.open(file);
        try {
            return new AacSound(file, movie);
        } catch (IOException | RuntimeException e) {
            movie.close();
            throw e;
        }
    }

    private AacSound(Path file, MovieFile movie) throws IOException {
        this.file = file;
        this.movie = movie;
        track = movie.tracks().stream()
                .filter(candidate -> candidate.handler().equals("soun"))
                .findFirst()
                .orElseThrow(() -> new IOException(file + ": has no sound"));
        if (!track.codec().equals("mp4a"))
            throw new IOException(file + ": its sound is '" + track.codec() + "', expected AAC");
        silence = AacSilence.packet(configuration());
        channels = track.entry().getShort(CHANNELS_AT);
        if (channels < 1) throw new IOException(file + ": its sound has no channels");
        packetDuration = packetDuration(track.samples());
        readEdits(track.edits());
    }

    /** The AudioSpecificConfig. */
    private byte[] configuration() throws IOException {
        byte[] description = track.boxes().get("esds");
        if (description == null) throw new IOException(file + ": its AAC has no description (esds)");
        EsdsBox esds = new EsdsBox(new Header("esds"));
        try {
            esds.parse(ByteBuffer.wrap(description));
        } catch (RuntimeException e) {
            throw new IOException(file + ": the description of its sound (esds) is damaged", e);
        }
        if (esds.getObjectType() != MPEG_4_AUDIO && !MPEG_2_AAC.contains(esds.getObjectType()))
            throw new IOException(
                    file + ": its sound has MPEG-4's object type " + esds.getObjectType() + ", expected AAC");
        return esds.getStreamInfo() == null ? new byte[0] : NIOUtils.toArray(esds.getStreamInfo());
    }

    private int packetDuration(SampleTable samples) throws IOException {
        long duration = samples.count() == 0 ? 0 : samples.duration(0);
        boolean equal = duration > 0 && duration <= LONGEST_PACKET;
        // The last packet may be shorter, which says that its end is not heard.
        for (int i = 1; i < samples.count() - 1; i++) equal &= samples.duration(i) == duration;
        if (!equal) throw new IOException(file + ": its packets of sound have no one duration");
        return (int) duration;
    }

    private void readEdits(List<Edit> edits) throws IOException {
        if (edits.isEmpty()) return;
        int first = edits.getFirst().mediaTime() < 0 ? 1 : 0;
        if (edits.size() != first + 1 || !edits.get(first).plain())
            throw new IOException(file + ": its sound is cut by " + edits.size()
                    + " edits, and only a beginning can be kept; ffmpeg -i " + file.getFileName()
                    + " -vn sound.m4a makes a plain one");
        if (first == 1) delay = Math.round(edits.getFirst().duration() * rate());
        skipped = edits.get(first).mediaTime();
        if (skipped < 0 || skipped > Integer.MAX_VALUE)
            throw new IOException(file + ": its sound begins at no sensible time");
    }

    /** The content of the {@code esds} box, ISO/IEC 14496-14 section 5.6. */
    public byte[] description() {
        return track.boxes().get("esds").clone();
    }

    @Override
    public int rate() {
        return track.timescale();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public int packetDuration() {
        return packetDuration;
    }

    @Override
    public long skipped() {
        return skipped;
    }

    @Override
    public long delay() {
        return delay;
    }

    @Override
    public Optional<byte[]> packet() throws IOException {
        return next < track.samples().count() ? Optional.of(movie.sample(track, next++)) : silence.map(byte[]::clone);
    }

    @Override
    public void close() throws IOException {
        movie.close();
    }
}
