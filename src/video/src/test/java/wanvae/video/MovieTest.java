package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jcodec.api.FrameGrab;
import org.jcodec.api.JCodecException;
import org.jcodec.common.io.NIOUtils;
import org.jcodec.common.model.Packet;
import org.jcodec.common.model.Picture;
import org.jcodec.containers.mp4.demuxer.CodecMP4DemuxerTrack;
import org.jcodec.containers.mp4.demuxer.MP4Demuxer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.container.Boxes;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.SignedPicture;
import wanvae.video.picture.Yuv;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;

/** MP4 and MOV files, read back by jcodec's demuxer and by ffmpeg. */
class MovieTest {
    @TempDir
    Path folder;

    @Test
    void mp4IsLaidOutForStreaming() throws IOException {
        Path file = folder.resolve("out.mp4");
        Clips.write(Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(16).withQuality(5)), 1, 9, 64, 96);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertTrue(text.startsWith("ftypisom", 4) && text.startsWith("isomiso2avc1mp41", 16));
        assertTrue(text.indexOf("moov") < text.indexOf("mdat"));
        assertEquals(text.indexOf("hdlr"), text.lastIndexOf("hdlr"), "one handler, in mdia");
        assertTrue(text.contains("VideoHandler\0"));
        int colr = text.indexOf("colrnclx");
        assertArrayEquals(new byte[] {0, 1, 0, 1, 0, 6, 0}, Arrays.copyOfRange(bytes, colr + 8, colr + 15));
        assertFalse(text.contains("co64"));
    }

    /** The rates whose pictures last longest by the clock and in units of the file's time. */
    @ParameterizedTest
    @CsvSource({"1/1000", "268437/268435456", "2147483647/268435456"})
    void theSlowestRatesKeepTheirTimes(String rate) throws IOException {
        Path file = folder.resolve("out.mp4");
        Fps fps = Fps.parse(rate);
        Clips.write(Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(fps)), 1, 9, 64, 96);
        try (PictureSource source =
                PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT)) {
            assertEquals(9, source.shape().frames());
            assertEquals(Optional.of(fps), source.fps());
        }
    }

    @ParameterizedTest
    @CsvSource({"1/1001", "1/2147483647", "268437/268435457", "123456789/1000000000"})
    void slowerOrFinerRatesAreRefused(String rate) {
        Fps fps = Fps.parse(rate);
        String message = assertThrows(IllegalArgumentException.class, () -> Mp4Options.DEFAULT.withFps(fps))
                .getMessage();
        assertTrue(message.startsWith("a frame rate is ") && message.contains("not " + fps), message);
    }

    @Test
    void jcodecReadsFramesAndTimes() throws IOException {
        Path file = folder.resolve("out.mp4");
        Clips.write(
                Mp4Writer.create(
                        file,
                        Mp4Options.DEFAULT
                                .withFps(Fps.parse("24000/1001"))
                                .withQp(10)
                                .withKeyint(4)),
                1,
                9,
                64,
                96);
        try (var channel = NIOUtils.readableChannel(file.toFile());
                var demuxer = MP4Demuxer.createMP4Demuxer(channel)) {
            var track = (CodecMP4DemuxerTrack) demuxer.getVideoTrack();
            assertEquals(9, track.getFrameCount());
            // Packets come as they are decoded. JCodec ignores the edit list, which shows the first picture at 0.
            List<Packet> packets = new ArrayList<>();
            for (int i = 0; i < 9; i++) packets.add(track.nextFrame());
            assertTrue(packets.getFirst().isKeyFrame());
            packets.sort(Comparator.comparingLong(Packet::getPts));
            long first = packets.getFirst().getPts();
            for (int i = 0; i < 9; i++) {
                Packet packet = packets.get(i);
                assertEquals(1001L * i * 24000, (packet.getPts() - first) * 24000L * 24000 / packet.getTimescale());
                assertTrue(i % 4 != 0 || packet.isKeyFrame(), "frame " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, 1, 96, 64",
        "30000/1001, 9, 96, 64",
        "23.976, 17, 96, 64",
        "1, 2, 16, 16",
        "16, 3, 36, 50",
        "1000003/100, 3, 32, 32"
    })
    void ffprobeSeesExactRateSizeAndColors(String rate, int frames, int height, int width)
            throws IOException, InterruptedException {
        Path file = folder.resolve("out.mp4");
        Fps fps = Fps.parse(rate);
        Clips.write(
                Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(fps).withMacroBlockSize(1)),
                1,
                frames,
                height,
                width);
        String probe = Ffmpeg.probe(file);
        for (String line : new String[] {
            "codec_name=h264",
            "width=" + width,
            "height=" + height,
            "r_frame_rate=" + fps.numerator() + "/" + fps.denominator(),
            "avg_frame_rate=" + fps.numerator() + "/" + fps.denominator(),
            "nb_frames=" + frames,
            "nb_read_frames=" + frames,
            "pix_fmt=yuv420p",
            "color_range=tv",
            "color_space=smpte170m",
            "color_transfer=bt709",
            "color_primaries=bt709",
            "sample_aspect_ratio=1:1",
            "TAG:handler_name=VideoHandler",
            "TAG:major_brand=isom",
            "TAG:compatible_brands=isomiso2avc1mp41"
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);
    }

    @ParameterizedTest
    @EnumSource(
            value = Color.class,
            names = {"BT601", "BT709"})
    void colorBarsComeBack(Color color) throws IOException, InterruptedException {
        Path file = folder.resolve("bars.mp4");
        Frame bars = Clips.bars(64, 128);
        try (Mp4Writer writer = Mp4Writer.create(
                file, Mp4Options.DEFAULT.withFps(16).withQuality(9).withColor(color))) {
            writer.begin(new VideoShape(1, 2, 64, 128));
            writer.frame(0, 0, bars);
            writer.frame(0, 1, bars);
            writer.finish();
        }
        assertTrue(Ffmpeg.probe(file).contains("color_space=" + (color == Color.BT601 ? "smpte170m" : "bt709")));
        // ffmpeg converts by the tags; bars are 16 pixels wide, their middles untouched by chroma's blur.
        byte[] shown = Ffmpeg.decode(file, "rgb24", "-vf", "scale=sws_flags=accurate_rnd+full_chroma_int");
        byte[] wanted = new SignedPicture(bars).toRgb(Quantization.TRUNCATE).bytes();
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 128; x++)
                for (int c = 0; c < 3; c++) {
                    int i = 3 * (y * 128 + x) + c;
                    if (x % 16 > 3 && x % 16 < 12)
                        assertEquals(wanted[i] & 255, shown[i] & 255, 6, "at " + x + ", " + y);
                }
    }

    /** Without ffmpeg too: jcodec's own decoder shows the planes we made. It does not put pictures into order. */
    @Test
    void jcodecDecodesTheSamePlanes() throws IOException, JCodecException {
        Path file = folder.resolve("out.mp4");
        Clips.write(Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(16).withQp(6)), 1, 2, 64, 96);
        try (var channel = NIOUtils.readableChannel(file.toFile())) {
            FrameGrab grab = FrameGrab.createFrameGrab(channel);
            for (int i = 0; i < 2; i++) {
                Picture shown = grab.getNativeFrame();
                Yuv wanted = new SignedPicture(Clips.frame(64, 96, i)).toYuv(ColorMatrix.BT601, Chroma.YUV420);
                byte[][] planes = {wanted.y(), wanted.u(), wanted.v()};
                for (int plane = 0; plane < 3; plane++) {
                    byte[] levels = shown.getPlaneData(plane).clone();
                    for (int k = 0; k < levels.length; k++) levels[k] += (byte) 128;
                    double rms = Clips.rms(planes[plane], levels);
                    assertTrue(rms < 1.5, "plane " + plane + " of frame " + i + " is off by " + rms);
                }
            }
        }
    }

    @Test
    void sizesAreEnlargedToMacroblocksWithAWarning() throws IOException, InterruptedException {
        Path file = folder.resolve("out.mp4");
        Mp4Writer writer = Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(16).withQp(4));
        Clips.write(writer, 1, 2, 60, 90);
        assertEquals(1, writer.warnings().size());
        assertTrue(writer.warnings().getFirst().contains("90x60")
                && writer.warnings().getFirst().contains("96x64"));
        assertTrue(Ffmpeg.probe(file).contains("width=96\nheight=64\n"));
        byte[] expected = new SignedPicture(Clips.frame(60, 90, 0))
                .toYuv(ColorMatrix.BT601, Chroma.YUV420)
                .scaledTo(64, 96)
                .y();
        assertTrue(Clips.rms(expected, Arrays.copyOf(Ffmpeg.decode(file, "yuv420p"), 64 * 96)) < 2);
    }

    @Test
    void macroBlockSizeOneKeepsTheSize() throws IOException {
        Mp4Writer writer = Mp4Writer.create(
                folder.resolve("out.mp4"), Mp4Options.DEFAULT.withFps(16).withMacroBlockSize(1));
        Clips.write(writer, 1, 1, 36, 50);
        assertTrue(writer.warnings().isEmpty());
    }

    @Test
    void sameFramesSameBytesForAnyThreads() throws IOException {
        Path one = folder.resolve("one.mp4");
        Path three = folder.resolve("three.mp4");
        Clips.write(Mp4Writer.create(one, Mp4Options.DEFAULT.withFps(16).withKeyint(3)), 1, 11, 32, 48);
        Clips.write(
                Mp4Writer.create(
                        three, Mp4Options.DEFAULT.withFps(16).withKeyint(3).withThreads(3)),
                1,
                11,
                32,
                48);
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(three));
    }

    @ParameterizedTest
    @CsvSource({"64, 96", "48, 80", "50, 70", "33, 47", "16, 16", "144, 256"})
    void proResKeepsTenBits(int height, int width) throws IOException, InterruptedException {
        Path file = folder.resolve("out.mov");
        Clips.write(ProResWriter.create(file, Mp4Options.DEFAULT.withFps(24), IfExists.REPLACE), 1, 3, height, width);
        String probe = Ffmpeg.probe(file);
        for (String line : new String[] {
            "codec_name=prores",
            "codec_tag_string=apch",
            "width=" + width,
            "height=" + height,
            "r_frame_rate=24/1",
            "nb_read_frames=3",
            "pix_fmt=yuv422p10le",
            "color_space=smpte170m",
            "TAG:major_brand=qt  "
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);
        byte[] shown = Ffmpeg.decode(file, "yuv422p10le");
        assertEquals(3 * 2 * height * (width + 2 * ((width + 1) / 2)), shown.length);
        byte[] luma = new SignedPicture(Clips.frame(height, width, 0))
                .toYuv(ColorMatrix.BT601, Chroma.YUV420)
                .y();
        double sum = 0;
        for (int i = 0; i < luma.length; i++) {
            int level = (shown[2 * i] & 255) | (shown[2 * i + 1] & 255) << 8;
            sum += Math.pow(level / 4.0 - (luma[i] & 255), 2);
        }
        double rms = Math.sqrt(sum / luma.length);
        assertTrue(rms < 1.2, "luma is off by " + rms);
        byte[] chroma = new SignedPicture(Clips.frame(height, width, 0))
                .toYuv(ColorMatrix.BT601, Chroma.YUV420)
                .u();
        sum = 0;
        int chromaWidth = (width + 1) / 2;
        for (int y = 0; y < height / 2; y++)
            for (int x = 0; x < chromaWidth; x++) {
                // 4:2:0 has the mean of two rows of 4:2:2.
                int upper = 2 * (height * width + 2 * y * chromaWidth + x);
                int lower = upper + 2 * chromaWidth;
                int levels = (shown[upper] & 255)
                        + (shown[lower] & 255)
                        + ((shown[upper + 1] & 255) + (shown[lower + 1] & 255) << 8);
                sum += Math.pow(levels / 8.0 - (chroma[y * chromaWidth + x] & 255), 2);
            }
        double chromaRms = Math.sqrt(sum / (height / 2 * chromaWidth));
        assertTrue(chromaRms < 1.2, "chroma is off by " + chromaRms);
    }

    /** An odd size too, exactly, in one pass and in two. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fullChromaIsShown(boolean twice) throws IOException, InterruptedException {
        Path file = folder.resolve("out.mp4");
        Mp4Options options = Mp4Options.DEFAULT
                .withChroma(Chroma.YUV444)
                .withMacroBlockSize(1)
                .withQuality(8);
        if (twice) options = options.withBitrate(4_000_000).withTwoPass(folder);
        Clips.write(Mp4Writer.create(file, options), 1, 6, 51, 37);
        String probe = Ffmpeg.probe(file);
        for (String line : new String[] {
            "profile=High 4:4:4 Predictive",
            "pix_fmt=yuv444p",
            "width=37",
            "height=51",
            "nb_read_frames=6",
            "color_range=tv",
            "color_space=smpte170m"
        }) assertTrue(probe.contains(line + "\n"), () -> line + " in\n" + probe);
        byte[] shown = Ffmpeg.decode(file, "yuv444p");
        int plane = 37 * 51;
        Yuv last = new SignedPicture(Clips.frame(51, 37, 5)).toYuv(ColorMatrix.BT601, Chroma.YUV444);
        for (int p = 0; p < 3; p++) {
            int at = (5 * 3 + p) * plane;
            assertTrue(
                    Clips.rms(List.of(last.y(), last.u(), last.v()).get(p), Arrays.copyOfRange(shown, at, at + plane))
                            < 3);
        }
        // As ffmpeg's muxer describes the profile: chroma_format 3, 8 bits, 8 bits, no extensions.
        byte[] bytes = Files.readAllBytes(file);
        int end = Boxes.of(bytes)
                .get(1)
                .inside("trak", "mdia", "minf", "stbl", "stsd", "avc1", "avcC")
                .end();
        assertArrayEquals(
                new byte[] {(byte) 0xff, (byte) 0xf8, (byte) 0xf8, 0}, Arrays.copyOfRange(bytes, end - 4, end));
    }

    @Test
    void twoPassesKeepABitrate() throws IOException {
        Path file = folder.resolve("out.mp4"), spool = Files.createDirectory(folder.resolve("spool"));
        Mp4Options options = Mp4Options.DEFAULT.withFps(16).withBitrate(400_000).withTwoPass(spool);
        Clips.write(Mp4Writer.create(file, options), 1, 80, 64, 96);
        assertEquals(400_000, Files.size(file) * 8 / 5.0, 8_000, "the index included");
        try (var left = Files.list(spool)) {
            assertEquals(List.of(), left.toList());
        }
        Path again = folder.resolve("again.mp4");
        Clips.write(Mp4Writer.create(again, options.withThreads(3)), 1, 80, 64, 96);
        assertEquals(-1, Files.mismatch(file, again));
    }
}
