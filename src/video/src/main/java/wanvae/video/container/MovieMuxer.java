package wanvae.video.container;

import static wanvae.video.container.MovieBoxes.ascii;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Map;
import java.util.Optional;
import wanvae.video.audio.Sound;

/**
 * Writes a movie laid out like ffmpeg's {@code -movflags +faststart}: {@code moov} before {@code mdat}. Samples are
 * written as they come, each second of pictures followed by its sound, and moved behind the index at the end. So memory
 * holds only four bytes for each sample.
 *
 * <p>The movie begins where the channel stands; its offsets count from there.
 */
public final class MovieMuxer implements Muxer {
    private static final int BLOCK = 1 << 20;

    private final SeekableByteChannel channel;
    private final MovieBoxes boxes;
    private final VideoTrack track;
    private final SampleIndex index;
    /** Null: the movie is silent. */
    private final SoundTrack sound;

    private final long origin;
    /** The total size of all samples so far. */
    private long bytes;
    /** Where samples begin in the movie before they are moved. */
    private long dataStart;

    /**
     * @param channel  open for writing and reading; stays the caller's
     * @param metadata what is said about the movie: title, comment and any other key
     * @param sound    closed with this muxer
     * @throws java.nio.channels.NonReadableChannelException if it cannot be read
     */
    public MovieMuxer(
            SeekableByteChannel channel, VideoTrack track, Map<String, String> metadata, Optional<Sound> sound)
            throws IOException {
        this.channel = channel;
        this.track = track;
        this.sound = sound.map(SoundTrack::new).orElse(null);
        boxes = new MovieBoxes(track, metadata, this.sound);
        index = new SampleIndex(track.sampleDuration());
        origin = channel.position();
        channel.read(ByteBuffer.allocate(0));
    }

    @Override
    public void begin(SampleDescription codec) throws IOException {
        ByteBuffer fileType = MovieBoxes.bytes(boxes.fileType());
        dataStart = fileType.remaining();
        writeFully(fileType);
    }

    @Override
    public void sample(byte[] data, int delay, boolean key) throws IOException {
        if (index.samples() % track.samplesPerChunk() == 0) {
            if (bytes > 0) writeSound();
            index.beginChunk(bytes);
        }
        write(data);
        index.add(data.length, delay, key);
    }

    /** Writes the sound that is heard with the pictures so far. */
    private void writeSound() throws IOException {
        if (sound != null) write(sound.until(boxes.soundLength(index), bytes));
    }

    private void write(byte[] samples) throws IOException {
        writeFully(ByteBuffer.wrap(samples));
        bytes += samples.length;
    }

    @Override
    public void finish(SampleDescription codec) throws IOException {
        writeSound();
        ByteBuffer mediaHeader = ByteBuffer.allocate(16);
        if (bytes + 8 <= 0xffff_ffffL) mediaHeader.putInt((int) (bytes + 8)).put(ascii("mdat"));
        else mediaHeader.putInt(1).put(ascii("mdat")).putLong(bytes + 16);
        mediaHeader.flip();
        // The index says where the samples begin, which depends on the index's own size. The size grows at most once,
        // when offsets need 64 bits, so the loop ends.
        long start = dataStart;
        ByteBuffer movie = MovieBoxes.bytes(boxes.movie(codec, index, start, start + bytes));
        for (long wanted; (wanted = dataStart + movie.remaining() + mediaHeader.remaining()) != start; ) {
            start = wanted;
            movie = MovieBoxes.bytes(boxes.movie(codec, index, start, start + bytes));
        }
        moveSamples(start - dataStart);
        channel.position(origin + dataStart);
        writeFully(movie);
        writeFully(mediaHeader);
        channel.position(origin + start + bytes);
    }

    /** Moves all samples towards the end by this many bytes, the last ones first. */
    private void moveSamples(long distance) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect((int) Math.min(BLOCK, Math.max(1, bytes)));
        for (long left = bytes; left > 0; ) {
            int size = (int) Math.min(block.capacity(), left);
            left -= size;
            block.clear().limit(size);
            channel.position(origin + dataStart + left);
            while (block.hasRemaining())
                if (channel.read(block) < 0) throw new EOFException("the file was cut short while it was written");
            channel.position(origin + dataStart + left + distance);
            writeFully(block.flip());
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    @Override
    public void close() throws IOException {
        if (sound != null) sound.close();
    }
}
