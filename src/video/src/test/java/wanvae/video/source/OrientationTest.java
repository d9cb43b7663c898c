package wanvae.video.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;

/** JPEGs of cameras that were held in eight ways. */
class OrientationTest {
    @TempDir
    Path folder;

    /** 64 pixels wide and 32 high; its quarters are red, green, blue and white. */
    private Path jpeg(byte[] exif) throws IOException {
        BufferedImage image = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
        Color[] colours = {Color.RED, Color.GREEN, Color.BLUE, Color.WHITE};
        var graphics = image.createGraphics();
        for (int i = 0; i < 4; i++) {
            graphics.setColor(colours[i]);
            graphics.fillRect(i % 2 * 32, i / 2 * 16, 32, 16);
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", bytes);
        byte[] plain = bytes.toByteArray();
        ByteBuffer out = ByteBuffer.allocate(plain.length + 4 + exif.length)
                .put(plain, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (2 + exif.length))
                .put(exif)
                .put(plain, 2, plain.length - 2);
        return Files.write(folder.resolve("a.jpg"), out.array());
    }

    private static byte[] exif(int number, ByteOrder order) {
        boolean little = order == ByteOrder.LITTLE_ENDIAN;
        ByteBuffer exif = ByteBuffer.allocate(6 + 8 + 2 + 24 + 4).order(order);
        exif.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
        exif.put((little ? "II" : "MM").getBytes(StandardCharsets.US_ASCII)).putShort((short) 42);
        exif.putInt(8).putShort((short) 2);
        exif.putShort((short) 0x0100).putShort((short) 4).putInt(1).putInt(64);
        exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) number);
        return exif.array();
    }

    /** The colours of the quarters, left to right and top to bottom. */
    private static String quarters(Path file) throws IOException {
        try (PictureSource source =
                PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT)) {
            Rgb rgb = source.next().orElseThrow().toRgb(Quantization.ROUND);
            assertEquals(source.shape().height(), rgb.height());
            StringBuilder colours = new StringBuilder(rgb.width() + "x" + rgb.height() + " ");
            for (int i = 0; i < 4; i++) {
                int y = (1 + i / 2 * 2) * rgb.height() / 4, x = (1 + i % 2 * 2) * rgb.width() / 4;
                int at = 3 * (y * rgb.width() + x), bright = 0;
                for (int c = 0; c < 3; c++) if ((rgb.bytes()[at + c] & 255) > 127) bright |= 4 >> c;
                colours.append("?BG?R??W".charAt(bright));
            }
            return colours.toString();
        }
    }

    /** As in the table of the EXIF standard: where the first row and the first column were seen. */
    @ParameterizedTest
    @CsvSource({
        "1, 64x32 RGBW",
        "2, 64x32 GRWB",
        "3, 64x32 WBGR",
        "4, 64x32 BWRG",
        "5, 32x64 RBGW",
        "6, 32x64 BRWG",
        "7, 32x64 WGBR",
        "8, 32x64 GWRB",
        "0, 64x32 RGBW",
        "9, 64x32 RGBW"
    })
    void picturesAreSeenUpright(int number, String seen) throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN})
            assertEquals(seen, quarters(jpeg(exif(number, order))), order.toString());
    }

    /** What makes no sense is not asked for: the picture itself is sound. */
    @Test
    void damagedOnesAreTakenAsTheyAre() throws IOException {
        var random = new SplittableRandom(1);
        byte[] sound = exif(6, ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = sound.clone();
            for (int k = 0; k < 4; k++) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            quarters(jpeg(bytes));
        }
        for (int length = 0; length < sound.length; length++) quarters(jpeg(java.util.Arrays.copyOf(sound, length)));
    }
}
