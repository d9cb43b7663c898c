package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.video.container.Boxes;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** MP4 to a channel or stream of the caller's. */
class StreamTest {
    private static final Mp4Options OPTIONS = Mp4Options.DEFAULT.withFps(Fps.parse("24000/1001"));
    private static final VideoShape SHAPE = new VideoShape(1, 9, 32, 48);

    @TempDir
    Path folder;

    private static byte[] fragmented(Mp4Options options, Fragments fragments, int frames) throws IOException {
        var out = new ByteArrayOutputStream();
        Clips.write(FragmentedMp4Writer.to(out, options, fragments), 1, frames, 32, 48);
        return out.toByteArray();
    }

    @Test
    void everyFrameIsInTheStreamWhenItsCallReturns() throws IOException {
        var flushed = new int[1];
        var out = new ByteArrayOutputStream() {
            @Override
            public void flush() {
                flushed[0] = size();
            }
        };
        try (FragmentedMp4Writer writer = FragmentedMp4Writer.to(out, Mp4Options.LOW_LATENCY.withKeyint(4))) {
            writer.begin(SHAPE);
            assertEquals("ftyp moov", Boxes.types(out.toByteArray()));
            for (int i = 0; i < 9; i++) {
                writer.frame(0, i, Clips.frame(32, 48, i));
                assertEquals("ftyp moov" + " moof mdat".repeat(i + 1), Boxes.types(out.toByteArray()));
                assertEquals(out.size(), flushed[0], "flushed");
            }
            writer.finish();
        }
        assertEquals("ftyp moov" + " moof mdat".repeat(9), Boxes.types(out.toByteArray()));
    }

    @Test
    void fragmentsTellTimesSizesAndKeyFrames() throws IOException {
        byte[] file = fragmented(OPTIONS.withKeyint(4), Fragments.GROUP, 9);
        assertEquals("ftyp moov" + " moof mdat".repeat(3), Boxes.types(file));
        List<Boxes> top = Boxes.of(file);
        Boxes extend = top.get(1).inside("mvex");
        assertEquals(
                (int) Math.ceil(9 * 1001 * 1000 / 24000.0),
                extend.inside("mehd").intAt(12));
        assertEquals(1001, extend.inside("trex").intAt(20));
        for (int i = 0; i < 3; i++) {
            Boxes moof = top.get(2 + 2 * i), mdat = top.get(3 + 2 * i);
            assertEquals(i + 1, moof.inside("mfhd").intAt(12));
            assertEquals(4L * i * 1001, moof.inside("traf", "tfdt").longAt(12));
            Boxes run = moof.inside("traf", "trun");
            int count = i < 2 ? 4 : 1;
            assertEquals(0xA05, run.intAt(8)); // with composition offsets
            assertEquals(count, run.intAt(12));
            assertEquals(mdat.start() + 8, moof.start() + run.intAt(16), "data offset");
            assertEquals(0x0200_0000, run.intAt(20), "a key frame");
            int sum = 0;
            for (int k = 0; k < count; k++) sum += run.intAt(24 + 8 * k);
            assertEquals(mdat.end() - mdat.start() - 8, sum);
        }
    }

    @ParameterizedTest
    @EnumSource(Fragments.class)
    void ffmpegReadsTheSameFramesAsFromAFile(Fragments fragments) throws IOException, InterruptedException {
        Mp4Options options = OPTIONS.withKeyint(5).withQp(20);
        Path stream = Files.write(folder.resolve("stream.mp4"), fragmented(options, fragments, 13));
        Path file = folder.resolve("file.mp4");
        Clips.write(Mp4Writer.create(file, options), 1, 13, 32, 48);
        assertArrayEquals(Ffmpeg.decode(file, "yuv420p"), Ffmpeg.decode(stream, "yuv420p"));
        String probe = Ffmpeg.probe(stream);
        for (String line : new String[] {
            "width=48", "height=32", "r_frame_rate=24000/1001", "nb_read_frames=13", "color_space=smpte170m"
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);
    }

    @Test
    void streamsOfUnknownLengthSayNoDuration() throws IOException {
        var out = new ByteArrayOutputStream();
        try (PictureSink sink = FragmentedMp4Writer.to(out, OPTIONS)) {
            sink.begin(new VideoShape(1, VideoShape.UNKNOWN, 32, 48));
            for (int i = 0; i < 3; i++) sink.frame(0, i, Clips.frame(32, 48, i));
            sink.finish();
        }
        assertEquals("ftyp moov" + " moof mdat".repeat(3), Boxes.types(out.toByteArray()));
        assertFalse(out.toString(StandardCharsets.ISO_8859_1).contains("mehd"));
    }

    @ParameterizedTest
    @CsvSource({"480, 832, avc1.64001E", "16, 16, avc1.64000A", "1080, 1920, avc1.640028"})
    void theMediaTypeNamesTheCodec(int height, int width, String codec) {
        VideoShape shape = new VideoShape(1, 9, height, width);
        assertEquals(
                "video/mp4; codecs=\"" + codec + "\"",
                FragmentedMp4Writer.mediaType(shape, OPTIONS.withMacroBlockSize(1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100})
    void aChannelHoldsTheSameBytesAsAFile(int position) throws IOException {
        Path file = folder.resolve("file.mp4"), other = folder.resolve("channel");
        Clips.write(Mp4Writer.create(file, OPTIONS), 1, 30, 32, 48);
        byte[] before = new byte[position];
        Arrays.fill(before, (byte) 7);
        try (FileChannel channel =
                FileChannel.open(other, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(before));
            Clips.write(Mp4Writer.to(channel, OPTIONS), 1, 30, 32, 48);
            assertEquals(channel.size(), channel.position());
            assertTrue(channel.isOpen());
        }
        byte[] bytes = Files.readAllBytes(other);
        assertArrayEquals(before, Arrays.copyOf(bytes, position));
        assertArrayEquals(Files.readAllBytes(file), Arrays.copyOfRange(bytes, position, bytes.length));
    }

    @Test
    void aChannelThatCannotBeReadIsRefusedAtOnce() throws IOException {
        try (FileChannel channel =
                        FileChannel.open(folder.resolve("c"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                PictureSink sink = Mp4Writer.to(channel, OPTIONS)) {
            assertThrows(NonReadableChannelException.class, () -> sink.begin(SHAPE));
        }
    }

    @Test
    void aBrokenStreamEndsTheWriting() throws IOException {
        var broken = new OutputStream() {
            private int left = 2000;

            @Override
            public void write(int b) throws IOException {
                if (left-- == 0) throw new IOException("Broken pipe");
            }
        };
        try (PictureSink sink = FragmentedMp4Writer.to(broken, Mp4Options.LOW_LATENCY)) {
            sink.begin(new VideoShape(1, 100, 32, 48));
            IOException e = assertThrows(IOException.class, () -> {
                for (int i = 0; i < 100; i++) sink.frame(0, i, Clips.frame(32, 48, i));
            });
            assertEquals("Broken pipe", e.getMessage());
        }
    }

    private Stream<PictureSink> sinks() throws IOException {
        List<PictureSink> sinks = new ArrayList<>();
        for (String name : List.of("o.mp4", "o.mov", "o.y4m", "o.gif", "o.apng", "o.npy", "o.safetensors", "pngs"))
            sinks.add(VideoOutput.open(folder.resolve(name), OutputOptions.DEFAULT));
        sinks.add(VideoOutput.open("-", OutputOptions.DEFAULT, OutputStream.nullOutputStream()));
        sinks.add(FragmentedMp4Writer.to(OutputStream.nullOutputStream(), OPTIONS));
        return sinks.stream();
    }

    @Test
    void callsInAWrongOrderAreAMistakeOfTheProgram() throws IOException {
        VideoShape shape = new VideoShape(1, 1, 16, 16);
        for (PictureSink sink : sinks().toList())
            try (sink) {
                assertThrows(
                        IllegalStateException.class, () -> sink.frame(0, 0, Clips.frame(16, 16, 0)), sink::toString);
                assertThrows(IllegalStateException.class, sink::finish, sink::toString);
                sink.begin(shape);
                assertThrows(IllegalStateException.class, () -> sink.begin(shape), sink::toString);
                sink.frame(0, 0, Clips.frame(16, 16, 0));
                sink.finish();
                IllegalStateException e = assertThrows(
                        IllegalStateException.class, () -> sink.frame(0, 0, Clips.frame(16, 16, 0)), sink::toString);
                assertTrue(e.getMessage().contains("finish()"), e.getMessage());
                assertThrows(IllegalStateException.class, sink::finish, sink::toString);
            }
        for (PictureSink sink : sinks().toList()) {
            sink.close();
            sink.close();
            assertThrows(IllegalStateException.class, () -> sink.begin(shape), sink::toString);
        }
    }
}
