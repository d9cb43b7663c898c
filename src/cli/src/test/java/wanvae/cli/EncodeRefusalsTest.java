package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Videos that {@code wanvae encode} cannot take: a sentence, an exit code, and nothing left behind. */
class EncodeRefusalsTest extends WithSmallVae {
    private static final Path SOUND = Path.of("../video/src/test/resources/wanvae/video/tone.m4a");

    private void refuses(Path video, int code, String... words) throws IOException {
        fails(Cli.run("encode", video, "-w", vae, "-o", file("out.safetensors")), code, words);
    }

    @Test
    void aMovieOfSoundAlone() throws IOException {
        refuses(Files.copy(SOUND, file("sound.mp4")), 1, "sound.mp4", "none of its tracks is a video");
    }

    /** In the middle of its pictures, of its index, of a box's name, and at its beginning. */
    @Test
    void aMovieThatIsCut() throws IOException {
        succeeds(decode("-o", file("whole.mp4")));
        byte[] whole = Files.readAllBytes(file("whole.mp4"));
        int pictures = new String(whole, StandardCharsets.ISO_8859_1).indexOf("mdat");
        for (int length : new int[] {(pictures + whole.length) / 2, whole.length - 1, pictures / 2, 6, 0})
            refuses(Files.write(file("cut.mp4"), Arrays.copyOf(whole, length)), 1, "cut.mp4");
    }

    /** The frames before the end encode, but not as the video that was meant. */
    @Test
    void aStreamThatIsCut() throws IOException {
        succeeds(decode("-o", file("whole.y4m")));
        byte[] whole = Files.readAllBytes(file("whole.y4m"));
        byte[] cut = Arrays.copyOf(whole, whole.length - 7);
        refuses(Files.write(file("cut.y4m"), cut), 1, "cut.y4m", "ends too early");
        fails(Cli.runWith(cut, "encode", "-", "-w", vae, "-o", file("out.npy")), 1, "standard input", "ends too early");
    }

    @Test
    void noFrames() throws IOException {
        byte[] header = "YUV4MPEG2 W16 H16 F8:1 C420\n".getBytes(StandardCharsets.US_ASCII);
        refuses(Files.write(file("none.y4m"), header), 1, "none.y4m", "no frames");
        fails(Cli.runWith(header, "encode", "-", "-w", vae, "-o", file("out.npy")), 1, "no frames");
        refuses(Files.createDirectory(file("pictures")), 1, "pictures");
        refuses(Files.write(file("none.npy"), npy("0, 16, 16, 3")), 1, "none.npy");
        Path some = Files.write(file("some.npy"), npy("1, 16, 16, 3"));
        fails(Cli.run("encode", some, "-w", vae, "-o", file("out.npy"), "--frames", "0"), 2, "at least 1 frame");
    }

    @Test
    void picturesSmallerThanALatentPixel() throws IOException {
        refuses(Files.write(file("small.npy"), npy("1, 7, 16, 3")), 1, "16x7", "too small", "8x8");
    }

    @Test
    void tooLittleMemory() throws IOException {
        Path video = Files.write(file("large.npy"), npy("1, 64, 64, 3"));
        fails(
                Cli.run("encode", video, "-w", vae, "-o", file("out.npy"), "--memory", "64m"),
                1,
                "64x64 takes at least",
                "but was given 68 MB");
    }

    @Test
    void placesThatCannotBeWrittenAreToldBeforeAnythingIsRead() throws IOException {
        Path video = file("there-is-no-video.mp4");
        fails(Cli.run("encode", video, "-w", vae, "-o", file("nowhere/out.npy")), 1, "nowhere", "does not exist");
        Path folder = Files.createDirectory(file("folder.npy"));
        fails(Cli.run("encode", video, "-w", vae, "-o", folder), 1, "folder.npy");
        Path mine = Files.writeString(file("mine.npy"), "mine");
        fails(Cli.run("encode", video, "-w", vae, "-o", mine, "--no-clobber"), 1, "mine.npy", "exists");
        fails(Cli.run("encode", video, "-w", vae, "-o", mine), 1, "there-is-no-video.mp4");
        assertEquals("mine", Files.readString(mine));
        assertTrue(files().stream().noneMatch(name -> name.endsWith(".part")), files().toString());
    }

    /** Zeros of this shape, float32. */
    private static byte[] npy(String shape) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }\n";
        int values =
                Arrays.stream(shape.split(", ")).mapToInt(Integer::parseInt).reduce(1, (a, b) -> a * b);
        return ByteBuffer.allocate(10 + header.length() + 4 * values)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.US_ASCII))
                .array();
    }
}
