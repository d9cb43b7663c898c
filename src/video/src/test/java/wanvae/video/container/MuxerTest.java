package wanvae.video.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.video.Ffmpeg;
import wanvae.video.container.VideoTrack.Container;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PixelAspect;

/** Containers of samples that no encoder made: chunks, files of more than 4 GB, pictures decoded out of order. */
class MuxerTest {
    private static final SampleDescription CODEC = new SampleDescription("avc1", 24, List.of());

    @TempDir
    Path folder;

    private static VideoTrack track(String fps, int reordering) {
        return new VideoTrack(Container.MP4, Fps.parse(fps), 32, 48, ColorMatrix.BT601, PixelAspect.SQUARE, reordering);
    }

    /** Bytes in memory of which only blocks that are not all zero take any. */
    private static final class SparseChannel implements SeekableByteChannel {
        private static final int BLOCK = 1 << 16;
        private static final byte[] ZEROS = new byte[BLOCK];
        private final Map<Long, byte[]> blocks = new HashMap<>();
        private long size;
        private long position;

        @Override
        public int read(ByteBuffer target) {
            int read = (int) Math.min(target.remaining(), size - position);
            if (read <= 0) return target.hasRemaining() ? -1 : 0;
            for (int left = read; left > 0; ) {
                int at = (int) (position % BLOCK), part = Math.min(left, BLOCK - at);
                target.put(blocks.getOrDefault(position / BLOCK, ZEROS), at, part);
                position += part;
                left -= part;
            }
            return read;
        }

        @Override
        public int write(ByteBuffer source) {
            int written = source.remaining();
            while (source.hasRemaining()) {
                int at = (int) (position % BLOCK), part = Math.min(source.remaining(), BLOCK - at);
                ByteBuffer bytes = source.slice(source.position(), part);
                source.position(source.position() + part);
                byte[] block = blocks.get(position / BLOCK);
                if (block != null || !bytes.equals(ByteBuffer.wrap(ZEROS, 0, part)))
                    bytes.get(
                            block != null ? block : blocks.computeIfAbsent(position / BLOCK, _ -> new byte[BLOCK]),
                            at,
                            part);
                position += part;
                size = Math.max(size, position);
            }
            return written;
        }

        byte[] bytes(long from, int length) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            position(from).read(bytes);
            return bytes.array();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SparseChannel position(long position) {
            this.position = position;
            return this;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Samples that are all zeros but for their number at the beginning. */
    private static SparseChannel movie(String fps, int samples, int size) throws IOException {
        var channel = new SparseChannel();
        MovieMuxer muxer = new MovieMuxer(channel, track(fps, 0), Map.of(), Optional.empty());
        muxer.begin(CODEC);
        byte[] sample = new byte[size];
        for (int i = 0; i < samples; i++) {
            ByteBuffer.wrap(sample).putInt(i);
            muxer.sample(sample, 0, i % 10 == 0);
        }
        muxer.finish(CODEC);
        return channel;
    }

    @Test
    void chunksHoldAboutASecond() throws IOException {
        SparseChannel file = movie("24000/1001", 55, 100);
        byte[] bytes = file.bytes(0, (int) file.size());
        Boxes table = Boxes.of(bytes).get(1).inside("trak", "mdia", "minf", "stbl");
        Boxes lengths = table.inside("stsc");
        assertEquals(2, lengths.intAt(12));
        assertArrayEquals(
                new int[] {1, 24, 1, 3, 7, 1},
                IntStream.range(0, 6).map(i -> lengths.intAt(16 + 4 * i)).toArray());
        Boxes offsets = table.inside("stco");
        assertEquals(3, offsets.intAt(12));
        for (int chunk = 0; chunk < 3; chunk++)
            assertEquals(24 * chunk, ByteBuffer.wrap(bytes).getInt(offsets.intAt(16 + 4 * chunk)));
        SparseChannel whole = movie("24", 48, 9);
        Boxes entries =
                Boxes.of(whole.bytes(0, (int) whole.size())).get(1).inside("trak", "mdia", "minf", "stbl", "stsc");
        assertEquals(1, entries.intAt(12), "chunks of one length");
    }

    @Test
    void moreThanFourGigabytesHaveOffsetsOf64Bits() throws IOException {
        int samples = 70, size = 64 << 20;
        SparseChannel file = movie("16", samples, size);
        byte[] beginning = file.bytes(0, 4096);
        Boxes movie = Boxes.of(Arrays.copyOf(beginning, headerSize(beginning))).get(1);
        Boxes table = movie.inside("trak", "mdia", "minf", "stbl");
        assertFalse(table.has("stco"));
        Boxes offsets = table.inside("co64");
        assertEquals(5, offsets.intAt(12));
        for (int chunk = 0; chunk < 5; chunk++) {
            long at = offsets.longAt(16 + 8 * chunk);
            assertEquals(16 * chunk, ByteBuffer.wrap(file.bytes(at, 4)).getInt());
            if (chunk > 0) assertEquals(16L * size, at - offsets.longAt(16 + 8 * (chunk - 1)));
        }
        ByteBuffer media = ByteBuffer.wrap(beginning, movie.end(), 16);
        assertEquals(1, media.getInt(), "a size of 64 bits follows");
        assertEquals(file.size() - movie.end(), media.getLong(movie.end() + 8));
        assertEquals(file.size(), offsets.longAt(16) + (long) samples * size);
    }

    private static int headerSize(byte[] beginning) {
        ByteBuffer bytes = ByteBuffer.wrap(beginning);
        int movie = bytes.getInt(0);
        return movie + bytes.getInt(movie);
    }

    /** What x264 made with B pictures is muxed again; ffmpeg shows the same pictures at the same times. */
    @Test
    void picturesDecodedOutOfOrderAreShownInOrder() throws IOException, InterruptedException {
        Path original = folder.resolve("x264.mp4");
        Ffmpeg.run(
                "ffmpeg",
                List.of(
                        ("-v error -f lavfi -i testsrc2=s=48x32:r=25 -frames:v 40 -pix_fmt yuv420p -c:v libx264 -bf 3 -g 12"
                                        + " -movflags +faststart " + original)
                                .split(" ")));
        byte[] file = Files.readAllBytes(original);
        Boxes trak = Boxes.of(file).get(1).inside("trak");
        Boxes table = trak.inside("mdia", "minf", "stbl");
        int duration = table.inside("stts").intAt(20);
        int reordering = trak.inside("edts", "elst").intAt(20) / duration;
        assertTrue(reordering > 0);
        Boxes configuration = table.inside("stsd", "avc1", "avcC");
        SampleDescription codec = new SampleDescription(
                "avc1",
                24,
                List.of(Box.createLeafBox(
                        new Header("avcC"),
                        ByteBuffer.wrap(
                                file, configuration.start() + 8, configuration.end() - configuration.start() - 8))));
        var stream = new ByteArrayOutputStream();
        var channel = new SparseChannel();
        for (Muxer muxer : new Muxer[] {
            new MovieMuxer(channel, track("25", reordering), Map.of(), Optional.empty()),
            new FragmentMuxer(stream, track("25", reordering), false, 40, Map.of())
        }) {
            muxer.begin(codec);
            Boxes sizes = table.inside("stsz"), delays = table.inside("ctts"), keys = table.inside("stss");
            int at = table.inside("stco").intAt(16), run = 0, inRun = 0, key = 0;
            assertEquals(1, table.inside("stco").intAt(12), "one chunk");
            for (int i = 0; i < 40; i++) {
                byte[] sample = new byte[sizes.intAt(20 + 4 * i)];
                ByteBuffer.wrap(file).get(at, sample);
                at += sample.length;
                boolean isKey = key < keys.intAt(12) && keys.intAt(16 + 4 * key) == i + 1;
                if (isKey) key++;
                muxer.sample(sample, delays.intAt(20 + 8 * run) / duration, isKey);
                if (++inRun == delays.intAt(16 + 8 * run)) {
                    run++;
                    inRun = 0;
                }
            }
            muxer.finish(codec);
        }
        Path movie = Files.write(folder.resolve("movie.mp4"), channel.bytes(0, (int) channel.size()));
        Path fragments = Files.write(folder.resolve("fragments.mp4"), stream.toByteArray());
        for (Path again : new Path[] {movie, fragments}) {
            assertArrayEquals(Ffmpeg.decode(original, "yuv420p"), Ffmpeg.decode(again, "yuv420p"));
            assertEquals(times(original), times(again));
        }
    }

    private static String times(Path file) throws IOException, InterruptedException {
        return new String(Ffmpeg.run(
                "ffprobe",
                List.of("-v", "error", "-show_entries", "frame=pts_time,key_frame", "-of", "csv", file.toString())));
    }
}
