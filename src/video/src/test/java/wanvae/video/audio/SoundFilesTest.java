package wanvae.video.audio;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.video.Clips;

/** Files with sound that are damaged. */
class SoundFilesTest {
    private static final Path TONE = Clips.resource("tone.m4a");
    private static final int INDEX = 1200;

    @TempDir
    Path folder;

    @Test
    void damageEndsInASentence() throws IOException {
        byte[] good = Files.readAllBytes(TONE);
        Random random = new Random(11);
        Path file = folder.resolve("bad.m4a");
        int refused = 0;
        for (int round = 0; round < 10_000; round++) {
            byte[] bad = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int i = random.nextInt(4); i >= 0 && bad.length > 0; i--)
                bad[random.nextInt(Math.min(bad.length, INDEX))] = (byte) random.nextInt(256);
            Files.write(file, bad);
            try (Sound sound = Sound.open(file)) {
                for (int i = 0; i < 15; i++) sound.packet();
            } catch (IOException e) {
                refused++;
                assertTrue(e.getMessage().contains("bad.m4a: "), e::toString);
            }
        }
        assertTrue(refused > 2000, refused + " were refused");
    }

    @Test
    void aFileOfAnotherKindIsToldByWhatIsExpected() throws IOException {
        Path file = Files.writeString(folder.resolve("frames.y4m"), "YUV4MPEG2 W16 H16 F30:1\n");
        String message =
                assertThrows(IOException.class, () -> Sound.open(file).close()).getMessage();
        assertTrue(message.startsWith(file + ": ") && message.contains("not an MP4 or QuickTime file"), message);
    }
}
