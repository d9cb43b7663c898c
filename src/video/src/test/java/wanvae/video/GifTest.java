package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** The times of a GIF's frames, and which frames are shown. */
class GifTest {
    @TempDir
    Path folder;

    /** Pixels that tell, bit by bit, which frame this is. */
    private static Frame frame(int index) {
        float[] pixels = new float[3 * 8];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (index >> i / 3 & 1) == 1 ? 1 : -1;
        return new Frame(1, 8, MemorySegment.ofArray(pixels));
    }

    private static int index(BufferedImage shown) {
        int index = 0;
        for (int x = 0; x < 8; x++) index |= (shown.getRGB(x, 0) & 1) << x;
        return index;
    }

    /** A player takes a time under 2 for 10. */
    @ParameterizedTest
    @CsvSource({
        "60, 60, 10",
        "120, 120, 70",
        "60000/1001, 61, 10",
        "51, 51, 1",
        "50, 50, 0",
        "49, 49, 0",
        "16, 17, 0",
        "1000, 100, 95",
        "60, 1, 0"
    })
    void noTimeIsUnderTwoAndFramesAreLeftOutEvenly(String rate, int frames, int leftOut) throws IOException {
        Fps fps = Fps.parse(rate);
        Path file = folder.resolve("a.gif");
        List<String> warnings;
        try (PictureSink sink = GifWriter.create(file, fps, IfExists.REPLACE)) {
            sink.begin(new VideoShape(1, frames, 1, 8));
            for (int i = 0; i < frames; i++) sink.frame(0, i, frame(i));
            sink.finish();
            warnings = sink.warnings();
        }
        assertEquals(leftOut == 0 ? 0 : 1, warnings.size());
        for (String warning : warnings)
            assertTrue(warning.contains("without " + leftOut + " of " + frames + " frames"), warning);

        List<Integer> delays = new ArrayList<>();
        List<Integer> shown = new ArrayList<>();
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            BufferedImage canvas = new BufferedImage(8, 1, BufferedImage.TYPE_INT_ARGB);
            for (int i = 0; i < reader.getNumImages(true); i++) {
                var tree = (Element) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                delays.add(Integer.valueOf(((Element) tree.getElementsByTagName("GraphicControlExtension")
                                .item(0))
                        .getAttribute("delayTime")));
                canvas.createGraphics().drawImage(reader.read(i), 0, 0, null);
                shown.add(index(canvas));
            }
        } finally {
            reader.dispose();
        }
        assertEquals(frames - leftOut, delays.size());
        int sum = 0;
        for (int delay : delays) {
            assertTrue(delay >= 2, delays::toString);
            sum += delay;
        }
        assertEquals(100 * frames / fps.value(), sum, 2, "the clip's length");
        // Each frame shown is the one that the clip has at that time.
        int at = 0;
        for (int i = 0; i < delays.size(); at += delays.get(i++))
            assertEquals(at * fps.value() / 100, shown.get(i), 1.01, "frame shown at " + at);
        assertArrayEquals(shown.stream().sorted().toArray(), shown.toArray(), "in order");
    }
}
