package wanvae.video.source;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.PngWriter;
import wanvae.video.picture.DeepPicture;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgba;

/** Seeded mutations of frames of every kind: they are read, or refused in one sentence. */
class DamagedFramesTest {
    private static final int SOME = 200, MANY = 10_000;
    private static final Duration HANGING = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void some() throws IOException {
        all(SOME);
    }

    @Test
    @Tag("slow")
    void many() throws IOException {
        all(MANY);
    }

    private void all(int times) throws IOException {
        byte[] bytes = new byte[4 * 6 * 8];
        new Random(1).nextBytes(bytes);
        short[] deep = new short[3 * 6 * 8];
        for (int i = 0; i < deep.length; i++) deep[i] = (short) (i * 331);
        mutate("rgba.png", PngWriter.encode(new Rgba(6, 8, bytes)), times);
        mutate("deep.png", PngWriter.encode(new DeepPicture(6, 8, deep)), times);
        var jpeg = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpeg", jpeg);
        mutate("a.jpg", jpeg.toByteArray(), times);
        var y4m = new ByteArrayOutputStream();
        y4m.writeBytes("YUV4MPEG2 W8 H6 F25:1 Ip A4:3 C444 XCOLORRANGE=FULL\n".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 2; i++) {
            y4m.writeBytes("FRAME\n".getBytes(StandardCharsets.US_ASCII));
            y4m.writeBytes(Arrays.copyOf(bytes, 3 * 6 * 8));
        }
        mutate("a.y4m", y4m.toByteArray(), times);
        String header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 6, 8), }\n";
        ByteBuffer npy = ByteBuffer.allocate(10 + header.length() + 4 * 2 * 3 * 6 * 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.US_ASCII));
        mutate("a.npy", npy.array(), times);
    }

    private void mutate(String name, byte[] sound, int times) throws IOException {
        Path file = Files.write(folder.resolve(name), sound);
        read(file);
        var random = new SplittableRandom(name.hashCode());
        for (int i = 0; i < times; i++) {
            Files.write(file, damage(sound, random));
            String what = name + ", mutation " + i;
            assertTimeoutPreemptively(HANGING, () -> readOrRefuse(file, what), what);
        }
    }

    private static void readOrRefuse(Path file, String what) {
        try {
            read(file);
        } catch (FormatException e) {
            assertTrue(e.getMessage().contains(file.getFileName().toString()), what + ": " + e.getMessage());
            assertFalse(e.getMessage().contains("\n") || e.getMessage().length() > 1500, what + ": " + e.getMessage());
        } catch (Exception | Error e) {
            throw new AssertionError(what, e);
        }
    }

    private static void read(Path file) throws IOException {
        try (PictureSource source =
                PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT)) {
            VideoShape shape = source.shape();
            if ((long) shape.height() * shape.width() > 1 << 16) return; // of nothing
            for (Optional<Picture> next = source.next(); next.isPresent(); next = source.next())
                next.get().toRgba(Quantization.ROUND);
        }
    }

    private static byte[] damage(byte[] sound, SplittableRandom random) {
        byte[] bytes = sound.clone();
        if (random.nextInt(5) == 0) return Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
        for (int k = 0; k < 1 + random.nextInt(8); k++) {
            int near = Math.min(bytes.length, 1 << 3 + random.nextInt(8));
            bytes[random.nextInt(near)] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
        }
        return bytes;
    }
}
