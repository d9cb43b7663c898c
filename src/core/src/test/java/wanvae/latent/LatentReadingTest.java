package wanvae.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.config.HunyuanConfig;
import wanvae.config.WanConfig;
import wanvae.latent.LatentReading.Choice;
import wanvae.latent.LatentRequest.Meaning;
import wanvae.latent.LatentRequest.Size;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TestFiles;

class LatentReadingTest {
    private static final LatentSpace WAN = WanConfig.WAN_2_1.latentSpace();
    private static final LatentRequest REQUEST =
            LatentRequest.DEFAULT.withSpaces(List.of(WAN, WanConfig.WAN_2_2.latentSpace()));

    @TempDir
    Path folder;

    private LatentReading read(String tensor, float[] values, String shape, LatentRequest request) throws IOException {
        byte[] file = TestFiles.safetensors(Map.of(tensor, values), Map.of(tensor, shape));
        try (TensorFile tensors = TensorFile.open(Files.write(folder.resolve("a.safetensors"), file))) {
            LatentReading reading = LatentReading.of(tensors, request);
            List<LatentShape> shapes = LatentReading.shapes(tensors, request);
            assertTrue(shapes.contains(reading.latents().shape()), shapes.toString());
            return reading;
        }
    }

    @Test
    void shapesByTheDescription() throws IOException {
        byte[] file = TestFiles.safetensors(Map.of("latents", noise(2 * 16 * 64)), Map.of("latents", "2,16,8,8"));
        try (TensorFile tensors = TensorFile.open(Files.write(folder.resolve("a.safetensors"), file))) {
            assertEquals(
                    List.of(new LatentShape(2, 16, 1, 8, 8), new LatentShape(1, 16, 2, 8, 8)),
                    LatentReading.shapes(tensors, REQUEST));
            LatentRequest asked = REQUEST.withAxes(new LatentAxes("bchw"));
            assertEquals(List.of(new LatentShape(2, 16, 1, 8, 8)), LatentReading.shapes(tensors, asked));
            assertThrows(FormatException.class, () -> LatentReading.shapes(tensors, REQUEST.withKey("z")));
        }
    }

    private String refused(String tensor, String shape, LatentRequest request) {
        var values = new float
                [Arrays.stream(shape.split(",")).mapToInt(Integer::parseInt).reduce(1, (a, b) -> a * b)];
        return assertThrows(FormatException.class, () -> read(tensor, values, shape, request))
                .getMessage();
    }

    private static float[] ramp(int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = i;
        return values;
    }

    private static float at(Latents latents, int... index) {
        LatentShape s = latents.shape();
        int i = (((index[0] * s.channels() + index[1]) * s.frames() + index[2]) * s.height() + index[3]) * s.width()
                + index[4];
        return latents.values().getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    private static List<String> texts(LatentReading reading, Choice choice) {
        return reading.notes().stream()
                .filter(note -> note.choice() == choice)
                .map(LatentReading.Note::text)
                .toList();
    }

    /**
     * Values of latents as a VAE gives them, {@code [C][F][H][W]}: neighbours in time and space agree, channels do not.
     */
    private static float[] clip(int frames, int height, int width, boolean raw) {
        var random = new SplittableRandom(7);
        var values = new float[16 * frames * height * width];
        for (int c = 0; c < 16; c++) {
            double dx = random.nextDouble(-1, 1), dy = random.nextDouble(-1, 1), phase = random.nextDouble(6);
            double brightness = random.nextDouble(-0.5, 0.5);
            for (int f = 0; f < frames; f++)
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++) {
                        double value = brightness
                                + Math.sin(0.5 * dx * x + 0.5 * dy * y + 0.15 * f + phase)
                                + random.nextGaussian() / 8;
                        values[((c * frames + f) * height + y) * width + x] = (float)
                                (raw
                                        ? value * WAN.deviations().get(c)
                                                + WAN.means().get(c)
                                        : value);
                    }
        }
        return values;
    }

    private static float[] noise(int count) {
        var random = new SplittableRandom(3);
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float) random.nextGaussian();
        return values;
    }

    private static float[] permuted(float[] values, int[] sizes, int... order) {
        return Permutation.of(
                        MemorySegment.ofArray(values),
                        Arrays.stream(sizes).asLongStream().toArray(),
                        order)
                .toArray(ValueLayout.JAVA_FLOAT);
    }

    /** The channels tell the order: file's shape, ours, and where the file's element 1234 ends up. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1,16,3,5,7   | [1, 16, 3, 5, 7]  |                       | 0,11,2,1,2
            16,3,5,7     | [1, 16, 3, 5, 7]  |                       | 0,11,2,1,2
            2,3,16,5,7   | [2, 16, 3, 5, 7]  | [B][F][C][H][W]: its third axis has the VAE's 16 channels | 0,3,2,1,2
            1,3,5,7,16   | [1, 16, 3, 5, 7]  | [B][F][H][W][C]: its fifth axis | 0,2,2,1,0
            3,16,5,7     | [3, 16, 1, 5, 7]  | [B][C][H][W] (pictures | 2,3,0,1,2
            1,16,5,20    | [1, 16, 1, 5, 20] | [B][C][H][W]: its second axis | 0,12,0,1,14
            3,5,7,16     | [3, 16, 1, 5, 7]  | [B][H][W][C] (pictures | 2,2,0,1,0
            16,9,10      | [1, 16, 1, 9, 10] | [C][H][W]: its first axis | 0,13,0,6,4
            9,10,16      | [1, 16, 1, 9, 10] | [H][W][C]: its third axis | 0,2,0,7,7
            """)
    void channelsTellTheOrder(String shape, String expected, String note, String place) throws IOException {
        int count = Arrays.stream(shape.split(",")).mapToInt(Integer::parseInt).reduce(1, (a, b) -> a * b);
        var values = new float[count];
        values[1234] = 5;
        LatentReading reading = read("latents", values, shape, REQUEST.withMeaning(Meaning.RAW));
        assertEquals(expected, reading.latents().shape().toString());
        int[] index =
                Arrays.stream(place.split(",")).mapToInt(Integer::parseInt).toArray();
        assertEquals(5, at(reading.latents(), index));
        String all = String.join("\n", texts(reading, Choice.AXES));
        if (note == null) assertEquals("", all);
        else assertTrue(all.startsWith(folder + "/a.safetensors: read as " + note), all);
    }

    @Test
    void statisticsTellTheOrderOfLikeSizes() throws IOException {
        int[] sizes = {16, 16, 6, 8};
        float[] clip = clip(16, 6, 8, false);
        LatentReading usual = read("latents", clip, "16,16,6,8", REQUEST);
        assertTrue(
                texts(usual, Choice.AXES).getFirst().contains("read as [C][F][H][W], since neighbours along its first"),
                usual.notes().toString());
        LatentReading other = read("latents", permuted(clip, sizes, 1, 0, 2, 3), "16,16,6,8", REQUEST);
        String note = texts(other, Choice.AXES).getFirst();
        assertTrue(note.contains("read as [F][C][H][W] (frames of a clip"), note);
        assertTrue(note.endsWith("it could be [B][C][H][W] or [C][F][H][W]"), note);
        assertEquals(usual.latents().shape(), other.latents().shape());
        assertEquals(-1, usual.latents().values().mismatch(other.latents().values()));
        LatentReading five = read("latents", permuted(clip, sizes, 1, 0, 2, 3), "1,16,16,6,8", REQUEST);
        assertTrue(texts(five, Choice.AXES).getFirst().contains("read as [B][F][C][H][W], since"), "of five axes");
        assertEquals(-1, usual.latents().values().mismatch(five.latents().values()));
        LatentReading asked = read(
                "latents", permuted(clip, sizes, 1, 0, 2, 3), "16,16,6,8", REQUEST.withAxes(new LatentAxes("cfhw")));
        assertTrue(asked.notes().isEmpty());
        assertFalse(-1 == usual.latents().values().mismatch(asked.latents().values()));
    }

    /** Noise tells nothing: the usual order, and a word about it. */
    @Test
    void noiseIsReadInTheUsualOrder() throws IOException {
        LatentReading reading = read("latents", noise(16 * 16 * 64), "16,16,8,8", REQUEST);
        assertEquals(
                folder + "/a.safetensors: read as [C][F][H][W], the usual order, since its values do not tell; "
                        + "it could be [B][C][H][W] or [F][C][H][W]",
                reading.notes().getFirst().text());
        assertEquals(new LatentShape(1, 16, 16, 8, 8), reading.latents().shape());
        LatentReading zeros = read("latents", new float[16 * 16 * 64], "16,16,8,8", REQUEST);
        assertEquals(new LatentShape(1, 16, 16, 8, 8), zeros.latents().shape());
    }

    @Test
    void seriesOfPicturesAndFrames() throws IOException {
        float[] clip = permuted(clip(5, 6, 8, false), new int[] {16, 5, 6, 8}, 1, 0, 2, 3);
        LatentReading frames = read("latents", clip, "5,16,6,8", REQUEST);
        assertEquals(new LatentShape(1, 16, 5, 6, 8), frames.latents().shape());
        assertTrue(texts(frames, Choice.AXES).getFirst().endsWith("it could be [B][C][H][W]"), "pictures");
        LatentReading pictures = read("latents", noise(2 * 16 * 64), "2,16,8,8", REQUEST);
        assertEquals(new LatentShape(2, 16, 1, 8, 8), pictures.latents().shape());
        LatentReading asked = read("latents", noise(2 * 16 * 64), "2,16,8,8", REQUEST.withAxes(new LatentAxes("fchw")));
        assertEquals(new LatentShape(1, 16, 2, 8, 8), asked.latents().shape());
    }

    /** The wrong VAE for these latents: they are still read as what they are, and the refusal names the channels. */
    @Test
    void channelsOfAnotherVae() throws IOException {
        LatentReading reading = read("latents", noise(3 * 48 * 4), "1,3,48,2,2", REQUEST);
        assertEquals(new LatentShape(1, 48, 3, 2, 2), reading.latents().shape());
        LatentReading unknown = read("latents", noise(3 * 5 * 4), "1,3,5,2,2", REQUEST);
        assertEquals(new LatentShape(1, 3, 5, 2, 2), unknown.latents().shape());
        assertTrue(refused("latents", "3,5", REQUEST).contains("expected [batch, channels"));
        assertTrue(refused("latents", "1,16,3,2", REQUEST.withAxes(new LatentAxes("bcfhw")))
                .contains("has 4 axes, [1, 16, 3, 2], but the axes bcfhw are 5"));
    }

    /** Qwen-Image's packing: token (y, x) holds channel c, row dy, column dx at c*4 + dy*2 + dx. */
    @ParameterizedTest
    @ValueSource(strings = {"4x6", "32x48"})
    void packedLatents(String size) throws IOException {
        int height = 4, width = 6;
        var packed = new float[6 * 64];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 16; c++)
                    packed[(y / 2 * (width / 2) + x / 2) * 64 + c * 4 + y % 2 * 2 + x % 2] = 1000 * c + 10 * y + x;
        String[] sides = size.split("x");
        LatentRequest request = REQUEST.withMeaning(Meaning.RAW)
                .withSize(new Size(Integer.parseInt(sides[0]), Integer.parseInt(sides[1])));
        for (String shape : List.of("1,6,64", "6,64")) {
            LatentReading reading = read("latents", packed, shape, request);
            assertEquals(new LatentShape(1, 16, 1, 4, 6), reading.latents().shape());
            for (int c = 0; c < 16; c++)
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                        assertEquals(1000 * c + 10 * y + x, at(reading.latents(), 0, c, 0, y, x));
            assertTrue(texts(reading, Choice.AXES).getFirst().contains("packed latents"));
        }
        float[] layers = Arrays.copyOf(packed, 3 * packed.length);
        layers[2 * packed.length + 1] = 7; // third layer, first token: row 0, column 1
        LatentReading reading = read("latents", layers, "1,18,64", request);
        assertEquals(new LatentShape(3, 16, 1, 4, 6), reading.latents().shape());
        assertEquals(7, at(reading.latents(), 2, 0, 0, 0, 1));
    }

    @Test
    void packedLatentsTakeASize() {
        assertTrue(refused("latents", "1,256,64", REQUEST).endsWith("give it, like --size 256x256"));
        assertTrue(refused("latents", "1,96,64", REQUEST).endsWith("give it, like --size 1328x1328"));
        String wrong = refused("latents", "1,256,64", REQUEST.withSize(new Size(480, 832)));
        assertTrue(wrong.contains("of 480x832 has 1560, or as latents 99840"), wrong);
        assertTrue(
                refused("latents", "1,256,64", REQUEST.withSize(new Size(3, 5))).contains("a picture of 3x5 has 0"));
    }

    /** ComfyUI's own nodes store raw latents, other nodes normalised ones under the same names. */
    @ParameterizedTest
    @CsvSource({"latent_tensor,true", "latent_tensor,false", "samples,true", "samples,false"})
    void comfyLatentsTellWhatTheyAre(String tensor, boolean raw) throws IOException {
        LatentReading reading = read(tensor, clip(5, 6, 8, raw), "1,16,5,6,8", REQUEST);
        assertEquals(raw, !reading.latents().normalized());
        String note = texts(reading, Choice.MEANING).getFirst();
        assertTrue(note.contains("read as " + (raw ? "raw" : "normalised") + " latents"), note);
        for (Meaning meaning : List.of(Meaning.RAW, Meaning.NORMALIZED)) {
            LatentReading asked = read(tensor, clip(5, 6, 8, raw), "1,16,5,6,8", REQUEST.withMeaning(meaning));
            assertEquals(meaning == Meaning.NORMALIZED, asked.latents().normalized());
            assertTrue(asked.notes().isEmpty());
        }
        LatentSpace hunyuan = HunyuanConfig.HUNYUAN_VIDEO.latentSpace();
        float[] values = clip(5, 6, 8, false);
        if (raw) for (int i = 0; i < values.length; i++) values[i] /= 0.476986f;
        LatentReading other = read(tensor, values, "1,16,5,6,8", LatentRequest.DEFAULT.withSpaces(List.of(hunyuan)));
        assertEquals(raw, !other.latents().normalized());
    }

    /** Others are normalised; where they do not look so, that is said. */
    @Test
    void latentsThatLookRaw() throws IOException {
        LatentReading raw = read("latents", clip(5, 6, 8, true), "1,16,5,6,8", REQUEST);
        assertTrue(raw.latents().normalized());
        assertTrue(texts(raw, Choice.MEANING).getFirst().contains("though each channel's mean and deviation"));
        assertTrue(read("latents", clip(5, 6, 8, false), "1,16,5,6,8", REQUEST)
                .notes()
                .isEmpty());
        assertTrue(read("latents", noise(16 * 3), "1,16,3,1,1", REQUEST).notes().isEmpty());
    }

    @Test
    void theTensorAmongCompanions() throws IOException {
        var tensors = new LinkedHashMap<String, float[]>();
        tensors.put("noise_mask", new float[64]);
        tensors.put("samples", noise(16 * 64));
        Map<String, String> shapes = Map.of(
                "noise_mask",
                "1,1,8,8",
                "samples",
                "1,16,1,8,8",
                "latent_format_version_0",
                "0",
                "x.latents",
                "1,16,1,8,8",
                "other",
                "1,16,1,8,8");
        assertEquals("samples", chosen(tensors, shapes).tensor());
        tensors.put("x.latents", noise(16 * 64));
        assertEquals("x.latents", chosen(tensors, shapes).tensor());
        tensors.remove("x.latents");
        tensors.remove("samples");
        tensors.put("latent_format_version_0", new float[0]);
        tensors.put("other", noise(16 * 64));
        LatentReading fitting = chosen(tensors, shapes);
        assertEquals("other", fitting.tensor());
        assertTrue(texts(fitting, Choice.KEY).getFirst().contains("the only one whose shape is that of latents"));
        tensors.put("again", noise(16 * 64));
        var more = new LinkedHashMap<>(shapes);
        more.put("again", "1,16,1,8,8");
        assertTrue(assertThrows(FormatException.class, () -> chosen(tensors, more))
                .getMessage()
                .contains("choose one by its key"));
    }

    private LatentReading chosen(Map<String, float[]> tensors, Map<String, String> shapes) throws IOException {
        Path file = Files.write(folder.resolve("a.safetensors"), TestFiles.safetensors(tensors, shapes));
        return LatentReading.of(file, REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chw2", "bcfh", "bccfhw", "BCFHW", "xchw"})
    void ordersThatAreNone(String letters) {
        assertThrows(IllegalArgumentException.class, () -> new LatentAxes(letters));
    }

    @Test
    void ordersInWords() {
        assertEquals("[F][C][H][W]", new LatentAxes("fchw").toString());
        assertEquals(
                "bcfhw",
                Arrays.stream(new LatentAxes("wbfch").toStandard())
                        .mapToObj(axis -> "" + "wbfch".charAt(axis))
                        .collect(Collectors.joining()));
    }
}
