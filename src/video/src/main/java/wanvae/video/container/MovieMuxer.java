package wanvae.video.container;

import static wanvae.video.container.MovieBoxes.ascii;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * Writes a movie laid out like ffmpeg's {@code -movflags +faststart}: {@code moov} before {@code mdat}. Samples are
 * written as they come and moved behind the index at the end, so that memory holds four bytes for each.
 *
 * <p>The movie begins where the channel stands; its offsets count from there.
 */
public final class MovieMuxer implements Muxer {
    private static final int BLOCK = 1 << 20;

    private final SeekableByteChannel channel;
    private final MovieBoxes boxes;
    private final SampleIndex index;
    private final long origin;
    /** Where samples begin in the movie until they are moved. */
    private long dataStart;

    /**
     * @param channel open for writing and reading; stays the caller's
     * @throws java.nio.channels.NonReadableChannelException if it cannot be read
     */
    public MovieMuxer(SeekableByteChannel channel, VideoTrack track) throws IOException {
        this.channel = channel;
        boxes = new MovieBoxes(track);
        index = new SampleIndex(track);
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
        writeFully(ByteBuffer.wrap(data));
        index.add(data.length, delay, key);
    }

    @Override
    public void finish(SampleDescription codec) throws IOException {
        ByteBuffer mediaHeader = ByteBuffer.allocate(16);
        if (index.bytes() + 8 <= 0xffff_ffffL)
            mediaHeader.putInt((int) (index.bytes() + 8)).put(ascii("mdat"));
        else mediaHeader.putInt(1).put(ascii("mdat")).putLong(index.bytes() + 16);
        mediaHeader.flip();
        // The index tells where the samples begin, which depends on its own size. That grows where offsets need 64
        // bits, and then stays.
        long start = dataStart;
        ByteBuffer movie = MovieBoxes.bytes(boxes.movie(codec, index, start));
        for (long wanted; (wanted = dataStart + movie.remaining() + mediaHeader.remaining()) != start; ) {
            start = wanted;
            movie = MovieBoxes.bytes(boxes.movie(codec, index, start));
        }
        moveSamples(start - dataStart);
        channel.position(origin + dataStart);
        writeFully(movie);
        writeFully(mediaHeader);
        channel.position(origin + start + index.bytes());
    }

    /** Moves all samples up by this many bytes, the last ones first. */
    private void moveSamples(long distance) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect((int) Math.min(BLOCK, Math.max(1, index.bytes())));
        for (long left = index.bytes(); left > 0; ) {
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
}
