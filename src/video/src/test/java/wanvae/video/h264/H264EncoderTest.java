package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jcodec.codecs.h264.H264Decoder;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.jcodec.common.model.ColorSpace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class H264EncoderTest {
    private record Coded(byte[] sps, byte[] pps, List<EncodedFrame> frames, List<YuvFrame> shown) {
        long bytes() {
            return frames.stream().mapToLong(f -> f.nal().length).sum();
        }
    }

    private static Coded encode(H264Config config, TestClip clip, int frames) throws IOException {
        List<EncodedFrame> out = new ArrayList<>();
        TreeMap<Integer, YuvFrame> shown = new TreeMap<>();
        try (H264Encoder encoder = new H264Encoder(config, out::add, (number, frame) -> {
            synchronized (shown) {
                shown.put(number, frame);
            }
        })) {
            for (int i = 0; i < frames; i++) encoder.encode(clip.frame(i, config.width(), config.height()));
            encoder.finish();
            assertEquals(frames, out.size());
            for (int i = 0; i < frames; i++)
                assertEquals(
                        out.get(i).number() - i + config.reordering(),
                        out.get(i).delay());
            return new Coded(encoder.sps(), encoder.pps(), out, List.copyOf(shown.values()));
        }
    }

    private static H264Config config(int width, int height, Rate rate) {
        return H264Config.of(width, height, 25, 1).withRate(rate);
    }

    /** JCodec's decoder shows what the encoder reconstructed. */
    private static void assertDecodes(Coded coded) {
        H264Decoder decoder = new H264Decoder();
        decoder.addSps(List.of(payload(coded.sps)));
        decoder.addPps(List.of(payload(coded.pps)));
        for (int i = 0; i < coded.frames.size(); i++) {
            YuvFrame shown = coded.shown.get(coded.frames.get(i).number());
            byte[][] buffer = org.jcodec.common.model.Picture.create(
                            shown.width() + 32, shown.height() + 32, ColorSpace.YUV420J)
                    .getData();
            org.jcodec.common.model.Picture picture = decoder.decodeFrameFromNals(
                            List.of(ByteBuffer.wrap(coded.frames.get(i).nal())), buffer)
                    .cropped();
            byte[][] planes = {shown.y(), shown.u(), shown.v()};
            for (int p = 0; p < 3; p++) {
                byte[] decoded = Arrays.copyOf(picture.getPlaneData(p), planes[p].length);
                for (int k = 0; k < decoded.length; k++) decoded[k] += (byte) 128;
                assertArrayEquals(planes[p], decoded, "frame " + i + ", plane " + p);
            }
        }
    }

    private static ByteBuffer payload(byte[] nal) {
        return ByteBuffer.wrap(nal, 1, nal.length - 1).slice();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 13, 18, 22, 26, 29, 30, 33, 36, 41, 46, 51})
    void decodersShowWhatIsReconstructedAtEveryQuantiser(int qp) throws IOException {
        assertDecodes(encode(config(80, 64, new Rate.ConstantQp(qp)), TestClip.PAN, 5));
    }

    /**
     * JCodec blends with unequal weights otherwise than the standard and ffmpeg; five pictures have no such blend, except of
     * patches.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PATCHES")
    void decodersShowWhatIsReconstructedOfEveryClip(TestClip clip) throws IOException {
        assertDecodes(encode(
                config(64, 48, new Rate.Quality(5)), clip, clip == TestClip.PAN || clip == TestClip.CELLS ? 5 : 12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1x1", "16x16", "17x33", "101x75", "16x70"})
    void decodersShowWhatIsReconstructedAtEverySize(String size) throws IOException {
        String[] parts = size.split("x");
        assertDecodes(encode(
                config(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), new Rate.ConstantQp(24)),
                TestClip.PAN,
                3));
    }

    /** Blocks of 8x8 and 16x16 cross the edges, and those of 4x4 are flat. */
    @Test
    void squaresOf4x4AreCodedInBlocksOf4x4() throws IOException {
        int bytes = encode(config(128, 96, new Rate.Quality(5)), TestClip.CELLS, 1)
                .frames
                .getFirst()
                .nal()
                .length;
        assertTrue(bytes < 450, bytes + " bytes");
    }

    @Test
    void bytesDoNotDependOnThreads() throws IOException {
        H264Config config = config(64, 48, new Rate.Quality(5)).withKeyint(6);
        Coded one = encode(config, TestClip.PAN, 40), many = encode(config.withThreads(5), TestClip.PAN, 40);
        for (int i = 0; i < 40; i++) {
            assertArrayEquals(one.frames.get(i).nal(), many.frames.get(i).nal(), "frame " + i);
            assertEquals(one.frames.get(i).number() % 6 == 0, one.frames.get(i).keyFrame());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {40_000, 150_000, 600_000})
    void averageBitrateIsKept(long bitrate) throws IOException {
        Coded coded = encode(config(96, 80, new Rate.Bitrate(bitrate)), TestClip.PAN, 125);
        assertEquals(bitrate, coded.bytes() * 8 / 5.0, 0.05 * bitrate);
    }

    @ParameterizedTest
    @ValueSource(longs = {60_000, 150_000, 300_000})
    void secondPassKeepsTheBitrateMoreClosely(long bitrate) throws IOException {
        H264Config config = config(96, 80, new Rate.Bitrate(bitrate));
        FirstPass first = new FirstPass();
        encode(config, TestClip.PAN, 125).frames.forEach(first::add);
        Coded coded = encode(config.withRate(new Rate.SecondPass(bitrate, first)), TestClip.PAN, 125);
        assertEquals(bitrate, coded.bytes() * 8 / 5.0, 0.01 * bitrate);
    }

    /** By what the decisions are made by: squared differences plus lambda times bits. */
    @Test
    void moreEffortGivesBetterStreamsThatDecode() throws IOException {
        double least = Double.MAX_VALUE;
        for (Effort effort : Effort.values()) {
            H264Config config = config(96, 80, new Rate.ConstantQp(26)).withEffort(effort);
            assertDecodes(encode(config, TestClip.PAN, 5));
            Coded coded = encode(config, TestClip.PAN, 12);
            double cost = Lambda.ssd(SliceType.P)[26] * 8 * coded.bytes();
            for (int i = 0; i < 12; i++) {
                byte[] source = TestClip.PAN.frame(i, 96, 80).y(),
                        shown = coded.shown.get(i).y();
                for (int k = 0; k < source.length; k++) cost += Math.pow((source[k] & 0xFF) - (shown[k] & 0xFF), 2);
            }
            assertTrue(cost < least, effort + " costs " + cost + ", less effort " + least);
            least = cost;
        }
    }

    @Test
    void higherQualityIsCloserAndLarger() throws IOException {
        long bytes = 0;
        double error = Double.MAX_VALUE;
        for (double quality : new double[] {1, 3.5, 5, 7.5, 10}) {
            Coded coded = encode(config(96, 80, new Rate.Quality(quality)), TestClip.PAN, 4);
            double squares = 0;
            for (int i = 0; i < 4; i++) {
                byte[] source = TestClip.PAN.frame(i, 96, 80).y(),
                        shown = coded.shown.get(i).y();
                for (int k = 0; k < source.length; k++) squares += Math.pow((source[k] & 0xFF) - (shown[k] & 0xFF), 2);
            }
            assertTrue(
                    coded.bytes() > bytes && squares < error,
                    "quality " + quality + ": " + coded.bytes() + " bytes, error " + squares);
            bytes = coded.bytes();
            error = squares;
        }
    }

    @Test
    void sceneCutsStartNewGroups() throws IOException {
        for (EncodedFrame frame : encode(config(128, 96, new Rate.Quality(5)), TestClip.CUTS, 15).frames)
            assertEquals(frame.number() % 5 == 0, frame.keyFrame(), "frame " + frame.number());
    }

    @Test
    void closingEarlyStopsTheThreads() throws IOException {
        try (H264Encoder encoder =
                new H264Encoder(config(320, 240, new Rate.Quality(5)).withThreads(2), f -> {})) {
            for (int i = 0; i < 20; i++) encoder.encode(TestClip.PAN.frame(i, 320, 240));
        }
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.isAlive() && t.getName().startsWith("wanvae-h264-")));
    }

    @Test
    void whatDoesNotChangeCostsAlmostNothing() throws IOException {
        List<EncodedFrame> frames = encode(config(320, 240, new Rate.Quality(5)), TestClip.STATIC, 8).frames;
        for (EncodedFrame frame : frames.subList(3, 8))
            assertTrue(frame.nal().length < 60, frame.nal().length + " bytes");
    }

    @Test
    void parameterSetsTellSizeColourAndTiming() throws IOException {
        H264Config config = H264Config.of(101, 75, 24000, 1001).withColor(ColorDescription.BT709);
        SeqParameterSet sps = SeqParameterSet.read(payload(encode(config, TestClip.BLACK, 1).sps));
        assertEquals(100, sps.profileIdc);
        assertEquals(10, sps.levelIdc);
        assertEquals(7, sps.picWidthInMbsMinus1 + 1);
        assertEquals(102, 16 * (sps.picWidthInMbsMinus1 + 1) - 2 * sps.frameCropRightOffset);
        assertEquals(76, 16 * (sps.picHeightInMapUnitsMinus1 + 1) - 2 * sps.frameCropBottomOffset);
        assertEquals(false, sps.vuiParams.videoFullRangeFlag);
        assertEquals(
                List.of(1, 1, 1),
                List.of(
                        sps.vuiParams.colourPrimaries,
                        sps.vuiParams.transferCharacteristics,
                        sps.vuiParams.matrixCoefficients));
        assertEquals(48000, sps.vuiParams.timeScale);
        assertEquals(1001, sps.vuiParams.numUnitsInTick);
    }

    @Test
    void refusesWhatItCannotEncode() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> new Rate.Quality(10.5));
        assertThrows(IllegalArgumentException.class, () -> new Rate.ConstantQp(52));
        assertThrows(IllegalArgumentException.class, () -> H264Config.of(0, 16, 25, 1));
        try (H264Encoder encoder = new H264Encoder(config(32, 32, new Rate.Quality(5)), f -> {})) {
            assertThrows(
                    IllegalArgumentException.class, () -> encoder.encode(YuvFrame.black(ChromaFormat.YUV420, 32, 16)));
        }
    }

    @Test
    void whatTheOutputThrowsReachesTheCaller() throws IOException {
        try (H264Encoder encoder = new H264Encoder(config(16, 16, new Rate.Quality(5)), f -> {
            throw new IOException("disk full");
        })) {
            encoder.encode(YuvFrame.black(ChromaFormat.YUV420, 16, 16));
            assertEquals(
                    "disk full",
                    assertThrows(IOException.class, encoder::finish).getMessage());
        }
    }
}
