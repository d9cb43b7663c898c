package wanvae.video.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.DeepPicture;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.UnitPicture;

/** Frames in tensors: every order of axes, type and range, and what cannot be told is refused. */
class TensorSourceTest {
    private static final int H = 6, W = 8;

    @TempDir
    Path folder;

    /** Puts the value of one element. */
    private interface Values {
        float at(int b, int f, int c, int y, int x);
    }

    /** A level that tells where it is, of 0 to 255. */
    private static float level(int b, int f, int c, int y, int x) {
        return (101 * b + 37 * f + 61 * c + 5 * y + x) % 256;
    }

    private Path npy(String type, String axes, int members, int frames, int channels, Values values)
            throws IOException {
        int[] sizes = {members, frames, channels, H, W};
        int[] shape = axes.chars().map(axis -> sizes["bfchw".indexOf(axis)]).toArray();
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': "
                + Arrays.toString(shape).replace('[', '(').replace("]", ",)") + ", }\n";
        int bytes = type.charAt(2) - '0', count = Arrays.stream(shape).reduce(1, (x, y) -> x * y);
        ByteBuffer file = ByteBuffer.allocate(10 + header.length() + bytes * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.US_ASCII));
        int[] at = new int[5];
        for (int i = 0; i < count; i++) {
            for (int axis = axes.length() - 1, rest = i; axis >= 0; rest /= shape[axis--])
                at["bfchw".indexOf(axes.charAt(axis))] = rest % shape[axis];
            float value = values.at(at[0], at[1], at[2], at[3], at[4]);
            switch (bytes) {
                case 1 -> file.put((byte) value);
                case 2 -> file.putShort((short) (int) value);
                default -> file.putFloat(value);
            }
        }
        return Files.write(folder.resolve(axes + ".npy"), file.array());
    }

    private static PictureSource open(Path file, SourceOptions options) throws IOException {
        return PictureSource.open(file.toString(), InputStream.nullInputStream(), options);
    }

    private static PictureSource open(Path file) throws IOException {
        return open(file, SourceOptions.DEFAULT);
    }

    private static void assertLevels(PictureSource source, int members, int frames, int channels) throws IOException {
        assertEquals(new VideoShape(members, frames, H, W, channels == 4 ? 4 : 3), source.shape());
        for (int b = 0; b < members; b++)
            for (int f = 0; f < frames; f++) {
                byte[] bytes =
                        source.next().orElseThrow().toRgba(Quantization.ROUND).bytes();
                for (int i = 0; i < bytes.length; i++) {
                    int c = i % 4;
                    int wanted = c == 3 && channels < 4
                            ? 255
                            : (int) level(b, f, channels == 1 ? 0 : c, i / 4 / W, i / 4 % W);
                    assertEquals(wanted, bytes[i] & 255, "frame " + f + " at " + i);
                }
            }
        assertEquals(Optional.empty(), source.next());
    }

    @ParameterizedTest
    @CsvSource({
        "fhwc, 1, 5, 3", "fhwc, 1, 5, 4", "fhwc, 1, 5, 1", "fchw, 1, 5, 3", "fchw, 1, 5, 1", "fchw, 1, 5, 4",
        "bfhwc, 1, 3, 3", "bfhwc, 2, 5, 4", "bfchw, 2, 5, 3", "fhw, 1, 5, 1", "hwc, 1, 1, 3", "chw, 1, 1, 3",
        "chw, 1, 1, 4", "hw, 1, 1, 1", "hwc, 1, 1, 1", "bfhw, 1, 5, 1"
    })
    void bytesAndUnitFloatsInEveryOrder(String axes, int members, int frames, int channels) throws IOException {
        try (PictureSource source = open(npy("|u1", axes, members, frames, channels, TensorSourceTest::level))) {
            assertLevels(source, members, frames, channels);
        }
        Values unit = (b, f, c, y, x) -> level(b, f, c, y, x) / 255f;
        try (PictureSource source = open(npy("<f4", axes, members, frames, channels, unit))) {
            assertLevels(source, members, frames, channels);
            assertEquals(List.of(), source.notes());
        }
    }

    @ParameterizedTest
    @CsvSource({"bcfhw, 1, 1, 3", "bcfhw, 2, 5, 3", "bcfhw, 1, 5, 4", "cfhw, 1, 5, 3"})
    void rawSamplesAreSigned(String axes, int members, int frames, int channels) throws IOException {
        Values signed = (b, f, c, y, x) -> level(b, f, c, y, x) / 127.5f - 1;
        try (PictureSource source = open(npy("<f4", axes, members, frames, channels, signed))) {
            assertLevels(source, members, frames, channels);
            assertEquals(List.of(), source.notes());
        }
        // Bytes have a range of their own, whatever the order.
        try (PictureSource source = open(npy("|u1", axes, members, frames, channels, TensorSourceTest::level))) {
            assertLevels(source, members, frames, channels);
        }
    }

    @ParameterizedTest
    @CsvSource({"fhwc, 0..255", "fhwc, -1..1", "fchw, -1..1", "bcfhw, 0..255"})
    void otherRangesAreRefusedUntilTheyAreToldOf(String axes, String range) throws IOException {
        Values values =
                (b, f, c, y, x) -> range.equals("0..255") ? level(b, f, c, y, x) : level(b, f, c, y, x) / 127.5f - 1;
        Path file = npy("<f4", axes, 1, 5, 3, values);
        UntoldException e = assertThrows(UntoldException.class, () -> open(file));
        assertEquals(UntoldException.Choice.RANGE, e.choice());
        assertEquals(range, e.likely());
        assertTrue(e.getMessage().contains("look like " + range), e.getMessage());
        try (PictureSource source = open(file, SourceOptions.DEFAULT.withRange(ValueRange.parse(range)))) {
            assertLevels(source, 1, 5, 3);
        }
    }

    /** Latents [B][C][F][H][W], [F][C][H][W] and [C][F][H][W], whose shapes could be those of grey frames or none. */
    @ParameterizedTest
    @CsvSource({
        "bfchw, 1, 16, 1",
        "bfchw, 1, 16, 3",
        "bfchw, 1, 48, 4",
        "bfchw, 1, 16, 5",
        "bfhw, 16, 5, 1",
        "fchw, 1, 48, 1",
        "fchw, 1, 5, 16",
        "fhw, 1, 16, 1"
    })
    void latentsAreNamed(String axes, int members, int frames, int channels) throws IOException {
        Path file = npy("<f4", axes, members, frames, channels, (b, f, c, y, x) -> 4f * (x % 3 - 1));
        String message = assertThrows(FormatException.class, () -> open(file)).getMessage();
        assertTrue(message.endsWith("these look like latents, which wanvae decode takes"), message);
    }

    /** Grey bytes as floats that resizing has made overshoot. */
    @Test
    void sixteenGreyFramesAreNoLatents() throws IOException {
        Path file = npy("<f4", "fhw", 1, 16, 1, (b, f, c, y, x) -> -20 + 40 * x);
        assertTrue(assertThrows(UntoldException.class, () -> open(file))
                .getMessage()
                .contains("look like 0..255"));
    }

    @Test
    void aSampleThatCouldBeUnitIsTaken() throws IOException {
        try (PictureSource source = open(npy("<f4", "bcfhw", 1, 5, 3, (b, f, c, y, x) -> x / 8f))) {
            assertEquals(1, source.notes().size());
            assertTrue(source.notes().getFirst().endsWith("are taken as -1..1, a raw sample's, and could be 0..1"));
        }
    }

    @Test
    void aLittleBeyondIsWhatResizingMakes() throws IOException {
        try (PictureSource source = open(npy("<f4", "fhwc", 1, 5, 3, (b, f, c, y, x) -> -0.1f + x / 6f))) {
            assertInstanceOf(UnitPicture.class, source.next().orElseThrow());
        }
        assertThrows(UntoldException.class, () -> open(npy("<f4", "fhwc", 1, 5, 3, (b, f, c, y, x) -> x / 2f)));
    }

    @Test
    void sixteenBitsStaySixteen() throws IOException {
        try (PictureSource source = open(npy("<u2", "fhwc", 1, 5, 3, (b, f, c, y, x) -> 257 * level(b, f, c, y, x)))) {
            assertLevels(source, 1, 5, 3);
        }
        try (PictureSource source = open(npy("<u2", "fchw", 1, 5, 4, (b, f, c, y, x) -> 8000 * f + x))) {
            source.next();
            Picture second = source.next().orElseThrow();
            assertEquals(8007, assertInstanceOf(DeepPicture.class, second).values()[4 * 7]);
        }
    }

    @ParameterizedTest
    @CsvSource({"fchw, 3, 3", "fchw, 4, 3", "fchw, 3, 4", "bfchw, 3, 3"})
    void framesOrChannelsIsAskedFor(String axes, int frames, int channels) throws IOException {
        Path file = npy("|u1", axes, 2, frames, channels, TensorSourceTest::level);
        UntoldException e = assertThrows(UntoldException.class, () -> open(file));
        assertEquals(UntoldException.Choice.AXES, e.choice());
        assertTrue(
                e.getMessage().contains(new FrameAxes(axes) + " or " + new FrameAxes(axes.replace("fc", "cf"))),
                e.getMessage());
        try (PictureSource source = open(file, SourceOptions.DEFAULT.withAxes(new FrameAxes(axes)))) {
            assertLevels(source, axes.startsWith("b") ? 2 : 1, frames, channels);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fhwc", "hw", "bcfhw"})
    void ordersThatDoNotFitAreRefused(String asked) throws IOException {
        Path file = npy("|u1", "fchw", 1, 5, 3, TensorSourceTest::level);
        FormatException e = assertThrows(
                FormatException.class, () -> open(file, SourceOptions.DEFAULT.withAxes(new FrameAxes(asked))));
        assertTrue(e.getMessage().contains("cannot be"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new FrameAxes("whc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[7]", "[2, 3, 4, 5, 6, 7]", "[2, 5, 6, 8, 8]"})
    void otherShapesAreNoFrames(String shape) throws IOException {
        FormatException e = assertThrows(FormatException.class, () -> open(safetensors("x", shape)));
        assertTrue(e.getMessage().contains("of shape " + shape + " holds no frames"), e.getMessage());
    }

    private Path safetensors(String names, String shape) throws IOException {
        int bytes = Arrays.stream(shape.substring(1, shape.length() - 1).split(", "))
                .mapToInt(Integer::parseInt)
                .reduce(1, (x, y) -> x * y);
        List<String> tensors = List.of(names.split(" "));
        String json = tensors.stream()
                .map(name -> String.format(
                        Locale.ROOT,
                        "\"%s\": {\"dtype\": \"U8\", \"shape\": %s, \"data_offsets\": [%d, %d]}",
                        name,
                        shape,
                        tensors.indexOf(name) * bytes,
                        (tensors.indexOf(name) + 1) * bytes))
                .collect(Collectors.joining(", ", "{", "}"));
        return Files.write(
                folder.resolve("x.safetensors"),
                ByteBuffer.allocate(8 + json.length() + tensors.size() * bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length())
                        .put(json.getBytes(StandardCharsets.US_ASCII))
                        .array());
    }

    @Test
    void theTensorIsNamedLikeFramesOrTheOnlyOne() throws IOException {
        for (String names : List.of("anything", "x frames", "a b video"))
            open(safetensors(names, "[5, 6, 8, 3]")).close();
        Path several = safetensors("a b", "[5, 6, 8, 3]");
        UntoldException e = assertThrows(UntoldException.class, () -> open(several));
        assertEquals(UntoldException.Choice.KEY, e.choice());
        open(several, SourceOptions.DEFAULT.withKey("b")).close();
        assertThrows(FormatException.class, () -> open(several, SourceOptions.DEFAULT.withKey("c")));
    }

    @Test
    void bytesHaveNoOtherRange() throws IOException {
        Path file = npy("|u1", "fhwc", 1, 5, 3, TensorSourceTest::level);
        assertThrows(FormatException.class, () -> open(file, SourceOptions.DEFAULT.withRange(ValueRange.BYTE)));
    }

    /** Frames or channels: what is below black is a raw sample, and so is what is named so. */
    @Test
    void samplesAreToldByTheirValuesOrTheirName() throws IOException {
        Values signed = (b, f, c, y, x) -> level(b, f, c, y, x) / 127.5f - 1;
        try (PictureSource source = open(npy("<f4", "bcfhw", 2, 3, 3, signed))) {
            assertLevels(source, 2, 3, 3);
        }
        try (PictureSource source = open(safetensors("sample", "[1, 3, 4, 6, 8]"))) {
            assertEquals(4, source.shape().frames());
        }
    }

    /** A batch of one clip of three frames, and not 32 frames of 3 columns. */
    @Test
    void picturesAreMoreThanAFewColumnsWide() throws IOException {
        try (PictureSource source = open(npy("|u1", "bfhwc", 1, 3, 3, TensorSourceTest::level))) {
            assertLevels(source, 1, 3, 3);
        }
    }

    /** Frames one by one, as of a list that was saved. */
    @Test
    void listsOfPicturesAreClips() throws IOException {
        try (PictureSource source = open(safetensors("0 1 2 3 4 5 6 7 8 9 10", "[6, 8, 3]"))) {
            assertEquals(new VideoShape(1, 11, 6, 8), source.shape());
            for (int i = 0; i < 11; i++) assertTrue(source.next().isPresent());
            assertEquals(Optional.empty(), source.next());
        }
        open(safetensors("arr_0 arr_1", "[6, 8]")).close();
        for (String names : List.of("image mask", "a0 b1"))
            assertThrows(UntoldException.class, () -> open(safetensors(names, "[6, 8, 3]")));
    }
}
