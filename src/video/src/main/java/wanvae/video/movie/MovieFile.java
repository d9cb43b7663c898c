package wanvae.video.movie;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An MP4 or QuickTime file: its tracks and their samples, ISO/IEC 14496-12. jcodec's demuxer is not used because
 * damaged files can make it run forever. Not safe for use by several threads at once.
 */
public final class MovieFile implements Closeable {
    private static final int LARGEST_INDEX = 1 << 28;

    private final Path file;
    private final FileChannel channel;
    private final List<MovieTrack> tracks;

    private MovieFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        try {
            tracks = readTracks(index());
        } catch (DamagedMovieException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Opens a file and reads its index.
     *
     * @throws IOException in one sentence that names the file, if it has none or a damaged one
     */
    public static MovieFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            return new MovieFile(file, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The content of {@code moov}. */
    private ByteBuffer index() throws IOException, DamagedMovieException {
        long size = channel.size();
        ByteBuffer header = ByteBuffer.allocate(16);
        for (long at = 0; at + 8 <= size; ) {
            header.clear().limit((int) Math.min(16, size - at));
            readFully(header, at);
            long length = Integer.toUnsignedLong(header.getInt(0));
            int content = 8;
            if (length == 1 && header.limit() == 16) {
                length = header.getLong(8);
                content = 16;
            }
            if (length == 0) length = size - at;
            String type = Box.type(header, 4);
            if (length < content || length > size - at) {
                if (at == 0) break; // a file of another kind has no boxes
                if (type.equals("mdat"))
                    break; // the file ends within the samples, and the index would have followed them
                throw new DamagedMovieException(
                        "a box '" + type + "' claims " + length + " of the file's last " + (size - at) + " bytes");
            }
            if (type.equals("moov")) {
                if (length > LARGEST_INDEX) throw new DamagedMovieException("its index (moov) takes more than 256 MB");
                ByteBuffer index = ByteBuffer.allocate((int) length - content);
                readFully(index, at + content);
                return index.flip();
            }
            at += length;
        }
        throw new DamagedMovieException(
                "has no index (moov): not an MP4 or QuickTime file, or one that was not finished");
    }

    private List<MovieTrack> readTracks(ByteBuffer index) throws IOException, DamagedMovieException {
        List<Box> boxes = Box.children(index);
        int timescale = 0;
        List<MovieTrack> found = new ArrayList<>();
        for (Box box : boxes) if (box.type().equals("mvhd")) timescale = box.intAt(box.byteAt(0) == 1 ? 20 : 12);
        for (Box box : boxes) if (box.type().equals("trak")) found.add(MovieTrack.read(box, timescale, channel.size()));
        boolean fragmented = boxes.stream().anyMatch(box -> box.type().equals("mvex"));
        if (fragmented && found.stream().allMatch(track -> track.samples().count() == 0))
            throw new DamagedMovieException("is a fragmented MP4; ffmpeg -i " + file.getFileName()
                    + " -c copy plain.mp4 makes one with an index");
        return List.copyOf(found);
    }

    /** All tracks in their order. */
    public List<MovieTrack> tracks() {
        return tracks;
    }

    /**
     * The bytes of a sample.
     *
     * @param sample from 0 to {@code track.samples().count() - 1}
     * @throws IOException in one sentence that names the file, if it ends before
     */
    public byte[] sample(MovieTrack track, int sample) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(track.samples().size(sample));
        readFully(data, track.samples().offset(sample));
        return data.array();
    }

    private void readFully(ByteBuffer target, long at) throws IOException {
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) throw new EOFException(file + ": ends early, it was cut");
            at += read;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
