package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import wanvae.video.Ffmpeg;

/** 4:4:4, where Cb and Cr are coded as luma is. JCodec does not decode it, ffmpeg does. */
class FullChromaTest {
    @TempDir
    Path folder;

    private static H264Config config(int width, int height, Rate rate) {
        return H264Config.of(width, height, 25, 1).withRate(rate).withChroma(ChromaFormat.YUV444);
    }

    /** A stream, and what the encoder reconstructed: all planes of all frames in display order. */
    private record Coded(byte[] stream, byte[] shown) {}

    private static Coded encode(H264Config config, TestClip clip, int frames) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream(), shown = new ByteArrayOutputStream();
        TreeMap<Integer, YuvFrame> pictures = new TreeMap<>();
        try (H264Encoder encoder =
                new H264Encoder(config, f -> stream.write(EncodedFrame.annexB(f.nal())), (number, picture) -> {
                    synchronized (pictures) {
                        pictures.put(number, picture);
                    }
                })) {
            stream.write(EncodedFrame.annexB(encoder.sps()));
            stream.write(EncodedFrame.annexB(encoder.pps()));
            for (int i = 0; i < frames; i++)
                encoder.encode(clip.frame(i, config.chroma(), config.width(), config.height()));
            encoder.finish();
        }
        for (YuvFrame picture : pictures.values())
            for (byte[] plane : List.of(picture.y(), picture.u(), picture.v())) shown.write(plane);
        return new Coded(stream.toByteArray(), shown.toByteArray());
    }

    private void assertFfmpegShows(Coded coded) throws IOException, InterruptedException {
        Path file = folder.resolve("stream.h264");
        Files.write(file, coded.stream);
        assertArrayEquals(coded.shown, Ffmpeg.decode(file, "yuv444p"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, MEDIUM, 40, 1",
        "13, FAST, 40, 2",
        "24, SLOW, 40, 1",
        "26, MEDIUM, 0, 1",
        "30, MEDIUM, 40, 3",
        "36, SLOW, 0, 1",
        "44, FAST, 40, 1",
        "51, MEDIUM, 40, 1"
    })
    void ffmpegShowsWhatIsReconstructed(int qp, Effort effort, int lookahead, int threads)
            throws IOException, InterruptedException {
        for (TestClip clip : TestClip.values())
            assertFfmpegShows(encode(
                    config(80, 64, new Rate.ConstantQp(qp))
                            .withEffort(effort)
                            .withLookahead(lookahead)
                            .withThreads(threads),
                    clip,
                    9));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "17, 33", "101, 75", "16, 70"})
    void sizesAreExact(int width, int height) throws IOException, InterruptedException {
        Coded coded = encode(config(width, height, new Rate.Quality(5)), TestClip.PAN, 3);
        assertEquals(3 * 3 * width * height, coded.shown.length);
        assertFfmpegShows(coded);
    }

    @Test
    void bytesDoNotDependOnThreads() throws IOException {
        H264Config config = config(64, 48, new Rate.Quality(5)).withKeyint(6);
        assertArrayEquals(
                encode(config, TestClip.PAN, 30).stream, encode(config.withThreads(5), TestClip.PAN, 30).stream);
    }

    /** The contexts of a category of blocks: coded_block_flag, significance map, last level, and levels. */
    private static BitSet contexts(int category, int last, int levels) {
        BitSet contexts = new BitSet();
        contexts.set(ResidualWriter.CODED[category], ResidualWriter.CODED[category] + 4);
        for (int i = 0; i < last; i++) {
            contexts.set(ResidualWriter.SIGNIFICANT_CONTEXT[category][i]);
            contexts.set(ResidualWriter.LAST_CONTEXT[category][i]);
        }
        contexts.set(ResidualWriter.LEVEL[category], ResidualWriter.LEVEL[category] + levels);
        return contexts;
    }

    /** The standard starts the contexts of Cb and Cr as those of luma (tables 9-24 to 9-33). */
    @ParameterizedTest
    @CsvSource({"true, 0", "true, 26", "true, 51", "false, 0", "false, 26", "false, 51"})
    void contextsOfCbAndCrStartAsThoseOfLuma(boolean intra, int qp) {
        BinCounter start = new BinCounter(ChromaFormat.YUV444);
        start.initialize(intra, qp);
        for (int[] categories :
                List.of(ResidualWriter.DC, ResidualWriter.AC, ResidualWriter.BLOCK_4X4, ResidualWriter.BLOCK_8X8)) {
            int last = categories == ResidualWriter.BLOCK_8X8 ? 63 : categories == ResidualWriter.AC ? 14 : 15;
            int[] luma = states(start, contexts(categories[0], last, 10));
            for (int plane = 1; plane < 3; plane++)
                assertArrayEquals(luma, states(start, contexts(categories[plane], last, 10)));
        }
    }

    private static int[] states(BinCounter counter, BitSet contexts) {
        return contexts.stream().map(counter::state).toArray();
    }

    /** So that what ffmpeg shows of the same clips, at the same quantisers, depends on where every context starts. */
    @ParameterizedTest
    @EnumSource(
            value = SliceType.class,
            names = {"I", "P"})
    void everyContextOfCbAndCrIsUsed(SliceType type) throws IOException, InterruptedException {
        BitSet wanted = new BitSet(), used = new BitSet();
        for (int plane = 1; plane < 3; plane++) {
            wanted.or(contexts(ResidualWriter.DC[plane], 15, 10));
            wanted.or(contexts(ResidualWriter.AC[plane], 14, 10));
            wanted.or(contexts(ResidualWriter.BLOCK_4X4[plane], 15, 10));
            wanted.or(contexts(ResidualWriter.BLOCK_8X8[plane], 63, 10));
        }
        for (int qp : new int[] {4, 12, 20, 28})
            for (TestClip clip : TestClip.values()) {
                H264Config config = config(80, 64, new Rate.ConstantQp(qp));
                used.or(used(config, clip, 9, type));
                assertFfmpegShows(encode(config, clip, 9));
            }
        wanted.andNot(used);
        assertEquals("{}", wanted.toString());
    }

    /** The contexts that the slices of a type, or of B if it is P, leave otherwise than they started. */
    private static BitSet used(H264Config config, TestClip clip, int frames, SliceType type) {
        BitSet used = new BitSet();
        Lookahead lookahead = new Lookahead(config);
        for (int i = 0; i < frames; i++)
            lookahead.add(new SourcePicture(clip.frame(i, config.chroma(), config.width(), config.height()), i));
        lookahead.end();
        RateControl rateControl = new RateControl(config);
        PicturePlanner planner = new PicturePlanner(ParameterSets.DEFAULT_REFERENCES);
        SliceEncoder encoder = new SliceEncoder(config);
        BinCounter start = new BinCounter(ChromaFormat.YUV444);
        for (MiniGop gop = lookahead.next(); gop != null; gop = lookahead.next()) {
            rateControl.start(gop, lookahead.complexity(gop), lookahead.pictures(gop));
            for (PicturePlan plan : planner.plan(gop)) {
                rateControl.quantize(plan);
                Reconstruction picture = encoder.reconstruction(plan);
                encoder.encode(plan, picture);
                picture.makeReference();
                plan.reconstruction = picture;
                if ((plan.type == SliceType.I) != (type == SliceType.I)) continue;
                start.initialize(plan.type == SliceType.I, plan.qp);
                IntStream.range(0, BinCounter.CONTEXTS)
                        .filter(i -> encoder.contexts.state(i) != start.state(i))
                        .forEach(used::set);
            }
        }
        return used;
    }

    @Test
    void parameterSetsTellTheProfile() throws IOException {
        byte[] sps;
        try (H264Encoder encoder = new H264Encoder(config(101, 75, new Rate.Quality(5)), f -> {})) {
            sps = encoder.sps();
        }
        assertEquals(244, sps[1] & 0xFF);
        // seq_parameter_set_id 0; chroma_format_idc 3; no separate planes; 8 bits twice; not lossless, no scaling
        // matrices.
        assertEquals(0b1_00100_0_1, sps[4] & 0xFF);
        assertEquals(0b1_0_0, sps[5] >> 5 & 7);
    }

    @Test
    void refusesOtherFrames() throws IOException {
        try (H264Encoder encoder = new H264Encoder(config(32, 32, new Rate.Quality(5)), f -> {})) {
            assertThrows(
                    IllegalArgumentException.class, () -> encoder.encode(YuvFrame.black(ChromaFormat.YUV420, 32, 32)));
        }
    }

    /** Sharp edges of colour, which 4:2:0 blurs. */
    @Test
    void keepsColoursApart() throws IOException, InterruptedException {
        YuvFrame frame = YuvFrame.black(ChromaFormat.YUV444, 32, 32);
        Arrays.fill(frame.y(), (byte) 120);
        for (int i = 0; i < 32 * 32; i++) frame.u()[i] = frame.v()[i] = (byte) ((i & 1) == 0 ? 60 : 200);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (H264Encoder encoder =
                new H264Encoder(config(32, 32, new Rate.Quality(8)), f -> stream.write(EncodedFrame.annexB(f.nal())))) {
            stream.write(EncodedFrame.annexB(encoder.sps()));
            stream.write(EncodedFrame.annexB(encoder.pps()));
            encoder.encode(frame);
            encoder.finish();
        }
        Path file = folder.resolve("stream.h264");
        Files.write(file, stream.toByteArray());
        byte[] shown = Ffmpeg.decode(file, "yuv444p");
        for (int i = 0; i < 32 * 32; i++) assertEquals(frame.u()[i] & 0xFF, shown[32 * 32 + i] & 0xFF, 12);
    }
}
