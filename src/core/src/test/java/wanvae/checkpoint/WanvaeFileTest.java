package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.checkpoint.fbs.Header;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.config.WanDefaults;
import wanvae.generated.GeneratedWeights;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

class WanvaeFileTest {
    static final WanConfig SMALL = new WanConfig(
            "AutoencoderKLQwenImage",
            2,
            3,
            List.of(1, 2),
            0,
            List.of(true),
            List.of(1f, 2f, 3f),
            List.of(4f, 5f, 6f),
            false,
            3,
            1);
    /** The smallest with an encoder. */
    static final WanConfig SMALL_BOTH = new WanConfig(
                    "AutoencoderKLWan",
                    2,
                    3,
                    List.of(2, 2),
                    1,
                    List.of(true),
                    List.of(1f, 2f, 3f),
                    List.of(4f, 5f, 6f),
                    true,
                    12,
                    2)
            .withEncoder(3, 12);

    private static final HunyuanConfig SMALL_HUNYUAN = new HunyuanConfig(4, List.of(4, 4, 8), 1, true, 2, 4, 4, 0.5f);

    @TempDir
    Path folder;

    /** As {@code GeneratedWeights}, stored in another type, or with one value changed. */
    private static class Stored implements Checkpoint {
        private final GeneratedWeights generated;
        private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        private final float first;

        Stored(VaeConfig config, DType dtype, float first) {
            generated = new GeneratedWeights(config, 3);
            this.first = first;
            generated.tensors().forEach((name, info) -> tensors.put(name, new TensorInfo(name, dtype, info.shape())));
        }

        @Override
        public Path path() {
            return Path.of("stored");
        }

        @Override
        public VaeConfig config() {
            return generated.config();
        }

        @Override
        public Map<String, TensorInfo> tensors() {
            return tensors;
        }

        @Override
        public void read(String name, MemorySegment target) {
            generated.read(name, target);
            target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, first);
        }

        @Override
        public void close() {}
    }

    @Test
    void readsBackTheSameBits() throws IOException {
        for (VaeConfig config : List.of(SMALL, SMALL_HUNYUAN)) {
            for (float first : new float[] {1.5f, Float.NaN, Float.NEGATIVE_INFINITY}) {
                var source = new Stored(config, DType.F32, first);
                Path file = folder.resolve("a.wanvae");
                WanvaeFile.write(source, file);
                try (Checkpoint read = Checkpoint.open(file)) {
                    assertEquals(config, read.config());
                    assertEquals(
                            List.copyOf(source.tensors().values()),
                            List.copyOf(read.tensors().values()));
                    for (TensorInfo info : read.tensors().values()) {
                        assertArrayEquals(
                                CheckpointTest.read(source, info), CheckpointTest.read(read, info), info.name());
                    }
                }
            }
        }
    }

    @Test
    void bothHalvesOrTheDecoder() throws IOException {
        Path file = folder.resolve("a.wanvae");
        try (var source = new GeneratedWeights(SMALL_BOTH, 3)) {
            WanvaeFile.write(source, file);
            try (Checkpoint read = Checkpoint.open(file);
                    Arena arena = Arena.ofConfined()) {
                assertEquals(SMALL_BOTH, read.config());
                assertEquals(Set.of(Half.DECODER, Half.ENCODER), read.halves());
                for (Half half : Half.values()) {
                    assertEquals(
                            List.copyOf(source.tensors(half).values()),
                            List.copyOf(read.half(half).tensors().values()));
                    for (TensorInfo info : read.tensors(half).values()) {
                        float[] expected = CheckpointTest.read(source, info);
                        assertArrayEquals(expected, CheckpointTest.read(read.half(half), info), info.name());
                        assertArrayEquals(
                                expected,
                                read.half(half)
                                        .map(info.name(), arena)
                                        .orElseThrow()
                                        .toArray(ValueLayout.JAVA_FLOAT));
                    }
                }
                Path again = folder.resolve("b.wanvae");
                WanvaeFile.write(read, again);
                assertEquals(-1, Files.mismatch(file, again));
            }
            WanvaeFile.write(source, file, ConvertOptions.DEFAULT.decoderOnly());
            try (Checkpoint read = Checkpoint.open(file)) {
                assertEquals(SMALL_BOTH, read.config());
                assertEquals(Set.of(Half.DECODER), read.halves());
                String message = assertThrows(FormatException.class, () -> read.tensors(Half.ENCODER))
                        .getMessage();
                assertEquals(file + ": has no encoder, only the decoder of Wan 2.2", message);
            }
        }
    }

    /** Files that the build before encoders wrote: decoders of F32 and BF16 with seed 6. */
    @ParameterizedTest
    @ValueSource(strings = {"older_wan22", "older_hunyuan"})
    void olderFiles(String name) throws IOException {
        Path file = Files.write(folder.resolve("a.wanvae"), GoldenNames.bytes(name + ".wanvae"));
        VaeConfig expected = name.equals("older_hunyuan")
                ? new HunyuanConfig(3, List.of(2, 2, 4), 0, true, 2, 4, 4, 0.75f)
                : new WanConfig(
                        "AutoencoderKLWan",
                        3,
                        3,
                        List.of(1, 2),
                        1,
                        List.of(true),
                        List.of(0.5f, -1.25f, 2f),
                        List.of(1.5f, 0.75f, 3f),
                        true,
                        12,
                        2);
        try (Checkpoint read = Checkpoint.open(file);
                var generated = new GeneratedWeights(expected, 6)) {
            assertEquals(expected, read.config());
            assertEquals(Set.of(Half.DECODER), read.halves());
            assertThrows(FormatException.class, () -> read.tensors(Half.ENCODER));
            assertEquals(
                    List.copyOf(generated.tensors().keySet()),
                    List.copyOf(read.tensors().keySet()));
            for (TensorInfo info : read.tensors().values()) {
                float[] exact = CheckpointTest.read(generated, info);
                for (int i = 0; i < exact.length; i++) exact[i] = CheckpointTest.round(exact[i], info.dtype());
                assertArrayEquals(exact, CheckpointTest.read(read, info), info.name());
            }
            Path now = folder.resolve("b.wanvae");
            WanvaeFile.write(read, now);
            try (Checkpoint again = Checkpoint.open(now)) {
                assertEquals(expected, again.config());
                assertEquals(
                        List.copyOf(read.tensors().values()),
                        List.copyOf(again.tensors().values()));
            }
        }
    }

    @Test
    void aDamagedEncoderIsNotWrittenUnasked() throws IOException {
        var source = new Stored(SMALL_BOTH, DType.F32, 1) {
            @Override
            public Set<Half> halves() {
                return Set.of(Half.DECODER, Half.ENCODER);
            }
        };
        Path file = folder.resolve("a.wanvae");
        assertThrows(FormatException.class, () -> WanvaeFile.write(source, file));
        assertEquals(false, Files.exists(file));
        WanvaeFile.write(source, file, ConvertOptions.DEFAULT.decoderOnly());
        Checkpoint.open(file).close();
    }

    @Test
    void mapsFloatsAndNothingElse() throws IOException {
        Path file = folder.resolve("a.wanvae");
        var source = new Stored(SMALL, DType.F32, Float.NaN);
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            WanvaeFile.write(source, file, ConvertOptions.DEFAULT.withDtype(type));
            try (Arena arena = Arena.ofConfined()) {
                Map<TensorInfo, MemorySegment> mapped = new LinkedHashMap<>();
                try (Checkpoint read = Checkpoint.open(file)) {
                    for (TensorInfo info : read.tensors().values())
                        mapped.put(info, read.map(info.name(), arena).orElse(null));
                }
                for (TensorInfo info : mapped.keySet()) {
                    if (type == DType.F32)
                        assertArrayEquals(
                                CheckpointTest.read(source, info),
                                mapped.get(info).toArray(ValueLayout.JAVA_FLOAT),
                                info.name());
                    else assertNull(mapped.get(info));
                }
            }
        }
    }

    @Test
    void keepsOrChangesTheType() throws IOException {
        Path file = folder.resolve("a.wanvae");
        for (DType stored : DType.values()) {
            for (DType asked : new DType[] {null, DType.F32, DType.BF16, DType.F16}) {
                WanvaeFile.write(
                        new Stored(SMALL, stored, 1),
                        file,
                        asked == null ? ConvertOptions.DEFAULT : ConvertOptions.DEFAULT.withDtype(asked));
                try (Checkpoint read = Checkpoint.open(file)) {
                    boolean keeps = stored == DType.F16 || stored == DType.BF16;
                    DType kept = keeps ? stored : DType.F32;
                    assertEquals(
                            asked != null ? asked : kept,
                            read.tensors().get("decoder.conv_in.weight").dtype());
                }
            }
        }
        String message = assertThrows(
                        FormatException.class,
                        () -> WanvaeFile.write(
                                new Stored(SMALL, DType.F32, 70000), file, ConvertOptions.DEFAULT.withDtype(DType.F16)))
                .getMessage();
        assertTrue(message.contains("70000") && message.contains("bf16"), message);
    }

    @Test
    void sameInputGivesTheSameBytesAlignedAndNothingElse() throws IOException {
        Path a = folder.resolve("a.wanvae");
        Path b = folder.resolve("b.wanvae");
        WanvaeFile.write(new Stored(SMALL, DType.F32, 1), a, ConvertOptions.DEFAULT.withDtype(DType.BF16));
        WanvaeFile.write(new Stored(SMALL, DType.F32, 1), b, ConvertOptions.DEFAULT.withDtype(DType.BF16));
        assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(a)).order(ByteOrder.LITTLE_ENDIAN);
        var header =
                Header.getRootAsHeader(bytes.slice(16, (int) bytes.getLong(8)).order(ByteOrder.LITTLE_ENDIAN));
        for (int i = 0; i < header.tensorsLength(); i++)
            assertEquals(0, header.tensors(i).offset() % 64);
    }

    @Test
    void aFailureLeavesTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.wanvae"), "old");
        var failing = new Stored(SMALL, DType.F32, 1e9f);
        assertThrows(
                FormatException.class,
                () -> WanvaeFile.write(failing, file, ConvertOptions.DEFAULT.withDtype(DType.F16)));
        assertEquals("old", Files.readString(file));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
        assertThrows(IOException.class, () -> WanvaeFile.write(failing, folder.resolve("missing/a.wanvae")));
        assertThrows(IOException.class, () -> WanvaeFile.write(failing, folder));
    }

    @Test
    void damage() throws IOException {
        Path file = folder.resolve("a.wanvae");
        WanvaeFile.write(new Stored(SMALL, DType.F32, 1), file);
        byte[] sound = Files.readAllBytes(file);
        refused("version 2", sound, 6, 2);
        refused("header length", sound, 15, 0x7F);
        refused("header length", sound, 8, 0, 0, 0, 0);
        refused("header length", sound, 10, 2);
        refused("its header", sound, 16, 0xFF, 0xFF, 0xFF, 0xFF);
        refused("its header", sound, 16, 0xFF, 0xFF, 0xFF, 0x7F);
        Files.write(file, Arrays.copyOf(sound, sound.length - 1));
        assertTrue(assertThrows(FormatException.class, () -> Checkpoint.open(file))
                .getMessage()
                .contains("outside the file's"));
        Files.write(file, Arrays.copyOf(sound, 10));
        assertTrue(assertThrows(FormatException.class, () -> Checkpoint.open(file))
                .getMessage()
                .contains("not a .wanvae file"));

        byte[] flipped = sound.clone();
        flipped[sound.length - 2] ^= 1;
        Files.write(file, flipped);
        try (Checkpoint read = Checkpoint.open(file)) {
            var last = read.tensors().values().stream().toList().getLast();
            String message = assertThrows(FormatException.class, () -> CheckpointTest.read(read, last))
                    .getMessage();
            assertTrue(message.contains("checksum") && message.contains(last.name()), message);
            assertEquals(
                    message,
                    assertThrows(FormatException.class, () -> read.map(last.name(), Arena.global()))
                            .getMessage());
        }
    }

    @Test
    void aFileCutWhileOpenEndsInASentence() throws IOException {
        Path file = folder.resolve("a.wanvae");
        WanvaeFile.write(
                new GeneratedWeights(
                        new WanConfig(
                                "AutoencoderKLWan",
                                16,
                                16,
                                List.of(1, 2),
                                0,
                                List.of(true),
                                WanDefaults.mean(16),
                                WanDefaults.std(16),
                                false,
                                3,
                                1),
                        1),
                file);
        try (Checkpoint read = Checkpoint.open(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(20_000);
            }
            var last = read.tensors().values().stream().toList().getLast();
            for (int i = 0; i < 100; i++) assertThrows(IOException.class, () -> CheckpointTest.read(read, last));
        }
    }

    @Test
    void anInterruptionEndsAReadAsOneOfAChannel() throws IOException {
        Path file = folder.resolve("a.wanvae");
        WanvaeFile.write(new GeneratedWeights(SMALL, 1), file);
        try (Checkpoint read = Checkpoint.open(file)) {
            Thread.currentThread().interrupt();
            var first = read.tensors().values().stream().toList().getFirst();
            assertThrows(ClosedByInterruptException.class, () -> CheckpointTest.read(read, first));
            assertTrue(Thread.interrupted());
            CheckpointTest.read(read, first);
        }
    }

    private void refused(String sentence, byte[] sound, int at, int... values) throws IOException {
        byte[] damaged = sound.clone();
        for (int i = 0; i < values.length; i++) damaged[at + i] = (byte) values[i];
        Path file = Files.write(folder.resolve("a.wanvae"), damaged);
        String message =
                assertThrows(FormatException.class, () -> Checkpoint.open(file)).getMessage();
        assertTrue(message.contains(sentence) && message.startsWith(file.toString()), message);
    }
}
