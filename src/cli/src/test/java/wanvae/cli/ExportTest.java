package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;

/** {@code wanvae export}, run as a user runs it: what becomes of frames from elsewhere, and what is said about them. */
class ExportTest extends WithSmallVae {
    private static Cli succeeds(Object... args) {
        Cli run = Cli.run(args);
        assertEquals(0, run.code(), run.err());
        return run;
    }

    private static Cli fails(int code, String words, Object... args) {
        Cli run = Cli.run(args);
        assertEquals(code, run.code(), run.err());
        List<String> sentences =
                run.err().lines().filter(line -> line.startsWith("wanvae: ")).toList();
        assertEquals(1, sentences.size(), run.err());
        assertTrue(sentences.getFirst().contains(words) && sentences.getFirst().endsWith("."), run.err());
        return run;
    }

    /** Frames of floats, {@code [F][4][6][3]}. */
    private Path npy(String name, int frames, float value) throws IOException {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + frames + ", 4, 6, 3), }\n";
        ByteBuffer bytes = ByteBuffer.allocate(10 + header.length() + 4 * frames * 72)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) bytes.putFloat(value);
        return Files.write(file(name), bytes.array());
    }

    private Path y4m(String fields) throws IOException {
        byte[] frame = new byte[6 + 6];
        System.arraycopy("FRAME\n".getBytes(StandardCharsets.US_ASCII), 0, frame, 0, 6);
        ByteBuffer bytes = ByteBuffer.allocate(1000)
                .put(("YUV4MPEG2 W2 H2 F25:1 " + fields + "\n").getBytes(StandardCharsets.US_ASCII))
                .put(frame)
                .put(frame);
        return Files.write(file("in.y4m"), java.util.Arrays.copyOf(bytes.array(), bytes.position()));
    }

    @Test
    void refusesFramesThatAreNotFiniteLikeDecode() throws IOException {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Path in = npy("in.npy", 1, value);
            fails(1, "in.npy: frame 0 holds " + value, "export", in, "-o", file("out.mp4"));
            assertFalse(Files.exists(file("out.mp4")));
            succeeds("export", in, "-o", file("allowed.mp4"), "--allow-nonfinite");
        }
    }

    @Test
    void keepsThePixelAspectOrSaysSo() throws IOException {
        Path in = y4m("A4:3");
        assertEquals("", succeeds("export", in, "-o", file("out.y4m"), "-q").err());
        assertTrue(
                Files.readString(file("out.y4m"), StandardCharsets.ISO_8859_1).contains(" A4:3 "));
        assertArrayEquals(
                Files.readAllBytes(file("out.y4m")),
                succeeds("export", in, "-o", "-").out());
        for (String name : List.of("out.gif", "out.apng", "frames", "f-%d.png"))
            assertTrue(
                    succeeds("export", in, "-o", file(name))
                            .err()
                            .contains("Note: this output has square pixels only, and those of the frames are 4:3.\n"),
                    name);
        assertFalse(succeeds("export", in, "-o", file("out.mp4")).err().contains("square"));
        assertFalse(succeeds("export", y4m("A1:1"), "-o", file("out.gif")).err().contains("square"));
    }

    @Test
    void aSourceTooSlowForAVideoNeedsAnotherRate() throws IOException {
        Path in = y4m("F1:3600");
        fails(Cli.run("export", in, "-o", file("out.mp4")), 1, "not 1/3600 (--fps sets it)");
        succeeds("export", in, "-o", file("out.mp4"), "--fps", "4");
    }

    @Test
    void tellsOfGapsAndOtherPictures() throws IOException {
        succeeds("export", npy("in.npy", 5, 0.5f), "-o", file("in"));
        assertFalse(
                succeeds("export", file("in"), "-o", file("whole.mp4")).err().contains("Note: " + file("in")));
        Files.delete(file("in/frames-00002.png"));
        Files.copy(file("in/frames-00003.png"), file("in/cover.png"));
        String told = succeeds("export", file("in"), "-o", file("out.mp4")).err();
        assertTrue(
                told.contains("Note: " + file("in") + ": the clip has a picture not named like "
                        + "frames-00000.png: cover.png.\n"),
                told);
        assertTrue(told.contains("missing: 2.\n"), told);
        assertEquals(
                "", succeeds("export", file("in"), "-o", file("out.mp4"), "-q").err());
    }

    @Test
    void tellsOfFramesThatAGifLeavesOut() throws IOException {
        String told = succeeds("export", npy("in.npy", 6, 0.5f), "-o", file("out.gif"), "--fps", "60")
                .err();
        assertTrue(told.contains("without 1 of 6 frames"), told);
    }

    @Test
    void aReadOnlyFileIsReplacedOnRequestOnly() throws IOException {
        Path in = npy("in.npy", 1, 0.5f);
        Files.writeString(file("out.gif"), "mine");
        Files.setPosixFilePermissions(file("out.gif"), PosixFilePermissions.fromString("r--r--r--"));
        fails(1, "read-only", "export", in, "-o", file("out.gif"));
        assertEquals("mine", Files.readString(file("out.gif")));
        succeeds("export", in, "-o", file("out.gif"), "--overwrite");
        assertTrue(Files.size(file("out.gif")) > 100);
        assertEquals("r--r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("out.gif"))));
        fails(2, "exclude each other", "export", in, "-o", file("out.gif"), "--overwrite", "--no-clobber");
    }

    @Test
    void soundAndMetadataGoWhereThereIsRoom() throws IOException {
        Path frames = npy("frames.npy", 2, 0.5f);
        Path sound = file("sound.wav");
        AudioSystem.write(
                new AudioInputStream(
                        new ByteArrayInputStream(new byte[64]), new AudioFormat(8000, 16, 1, true, false), 32),
                AudioFileFormat.Type.WAVE,
                sound.toFile());
        succeeds("export", frames, "-o", file("out.mov"), "--audio", sound, "--meta", "prompt=a = b, c");
        String movie = Files.readString(file("out.mov"), StandardCharsets.ISO_8859_1);
        assertTrue(movie.contains("lpcm") && movie.contains("mdtaprompt") && movie.contains("a = b, c"));
        fails(1, "sound.wav: MP4 takes AAC", "export", frames, "-o", file("out.mp4"), "--audio", sound);
        fails(2, "sound goes into .mp4 and .mov only", "export", frames, "-o", file("out.gif"), "--audio", sound);
        fails(2, "metadata goes into", "export", frames, "-o", file("f-%03d.png"), "--meta", "title=a");
        fails(2, "--meta: a creation_time", "export", frames, "-o", file("out.mp4"), "--meta", "creation_time=now");
        assertFalse(Files.exists(file("out.mp4")));
    }

    @Test
    void theFlagThatReadsAnotherRangeIsNamed() throws IOException {
        Path in = npy("in.npy", 1, 200);
        fails(1, "values from 200.0 to 200.0", "export", in, "-o", file("out.mp4"));
        fails(1, "(--range 0..255)", "export", in, "-o", file("out.mp4"));
        assertFalse(Files.exists(file("out.mp4")));
        succeeds("export", in, "-o", file("out.mp4"), "--range", "0..255");
        fails(2, "--range", "export", in, "-o", file("out.mp4"), "--range", "0..256");
        fails(2, "--axes", "export", in, "-o", file("out.mp4"), "--axes", "whc");
    }

    @Test
    void presetsAndPassesAreChosen() throws IOException {
        Path frames = npy("frames.npy", 2, 0.5f);
        succeeds("export", frames, "-o", file("a.mp4"), "--preset", "fast", "--bitrate", "100k", "--two-pass");
        fails(2, "--two-pass keeps a --bitrate", "export", frames, "-o", file("b.mp4"), "--two-pass");
        fails(2, "--preset", "export", frames, "-o", file("b.mp4"), "--preset", "ultrafast");
    }

    @Test
    void chromaIsAChoiceOfMp4() throws IOException {
        Path frames = npy("frames.npy", 2, 0.5f);
        succeeds("export", frames, "-o", file("a.mp4"), "--chroma", "444");
        assertTrue(new String(Files.readAllBytes(file("a.mp4")), StandardCharsets.ISO_8859_1)
                .contains("avcC\1" + (char) 244));
        succeeds("export", frames, "-o", file("a.gif"), "--chroma", "420");
        for (String out : List.of("a.mov", "a.gif", "f-%03d.png", "-"))
            fails(2, "4:4:4 is a choice for .mp4 only", "export", frames, "-o", out, "--chroma", "444");
        fails(2, "'422' is neither 420 nor 444", "export", frames, "-o", file("b.mp4"), "--chroma", "422");
    }

    @Test
    void exportsFramesOfOthers() throws IOException {
        succeeds(decode("-o", file("in.y4m"), "--fps", "12"));
        Cli run = succeeds(Cli.run("export", file("in.y4m"), "-o", file("out.mp4"), "--macro-block-size", "2"));
        assertTrue(run.err().contains("at 12 frames a second") && run.err().contains("5 frames of 24x16"), run.err());
        Cli piped = succeeds(Cli.runWith(Files.readAllBytes(file("in.y4m")), "export", "-", "-o", "-"));
        assertArrayEquals(Files.readAllBytes(file("in.y4m")), piped.out());
        succeeds(decode("-o", file("pngs")));
        run = succeeds(Cli.run("export", file("pngs"), "-o", file("pngs.mp4")));
        assertTrue(run.err().contains("at 10 frames a second"), run.err());
        Files.delete(file("out.mp4"));
        fails(Cli.run("export", file("none.y4m"), "-o", file("out.mp4")), 1, "none.y4m");
        fails(
                Cli.runWith(
                        "YUV4MPEG2 W2 H2\nFRAME\nxx".getBytes(StandardCharsets.US_ASCII),
                        "export",
                        "-",
                        "-o",
                        file("out.mp4")),
                1,
                "standard input");
    }
}
