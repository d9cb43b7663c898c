package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.config.Half;
import wanvae.generated.GeneratedVae;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TestFiles;
import wanvae.tensorfile.TestFiles.Pickle;

/** Seeded mutations of sound files: whatever is done to them, they are read or refused in one sentence, at once. */
class DamagedFilesTest {
    private static final int SOME = 400;
    private static final int MANY = 10_000;
    /** A sound file of these tests takes less than 3 MB of heap. */
    private static final long MOST_MEMORY = 32 << 20;
    /**
     * Long, because the clock goes on while a busy machine lets us wait; what a read costs is measured in processor
     * time.
     */
    private static final Duration HANGING = Duration.ofMinutes(3);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path folder;

    @FunctionalInterface
    private interface Reader {
        void read(Path file) throws IOException;
    }

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
        Path vae = folder.resolve("vae");
        GeneratedVae.writeVae(WanvaeFileTest.SMALL, 1, DType.F32, vae);
        Path weights = vae.resolve("diffusion_pytorch_model.safetensors");
        Path wanvae = folder.resolve("a.wanvae");
        try (var generated = new GeneratedWeights(WanvaeFileTest.SMALL, 1)) {
            WanvaeFile.write(generated, wanvae, ConvertOptions.DEFAULT.withDtype(DType.BF16));
        }
        mutate(wanvae, times, 1, DamagedFilesTest::readWeights);
        Path both = folder.resolve("both.wanvae");
        try (var generated = new GeneratedWeights(WanvaeFileTest.SMALL_BOTH, 1)) {
            WanvaeFile.write(generated, both, ConvertOptions.DEFAULT.withDtype(DType.BF16));
        }
        mutate(both, times, 9, DamagedFilesTest::readWeights);
        mutate(weights, times, 2, DamagedFilesTest::readWeights);
        mutate(vae.resolve("config.json"), times, 3, file -> readWeights(vae));
        byte[] torch =
                GoldenNames.torch(GoldenNames.of("wan21_odd_original"), GoldenNames.bytes("wan21_odd_original.pkl"));
        mutate(Files.write(folder.resolve("a.pth"), torch), times, 4, DamagedFilesTest::readWeights);
        Path shards = Files.createDirectories(folder.resolve("shards"));
        Files.move(vae.resolve("config.json"), shards.resolve("config.json"));
        Files.move(weights, shards.resolve("a-1.safetensors"));
        Path index = shards.resolve("diffusion_pytorch_model.safetensors.index.json");
        Files.writeString(index, """
                {"metadata": {"total_size": 1000},
                 "weight_map": {"decoder.conv_in.weight": "a-1.safetensors", "decoder.conv_in.bias": "a-1.safetensors"}}
                """);
        mutate(index, times, 7, file -> readWeights(shards));

        float[] values = {1, 2, 3, 4, 5, 6};
        byte[] npy = TestFiles.npy(
                1, "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1, 1, 2, 3), }\n", TestFiles.floats(values));
        mutate(Files.write(folder.resolve("a.npy"), npy), times, 5, Latents::read);
        byte[] pt = TestFiles.torch(
                new Pickle()
                        .op('}')
                        .text("latents")
                        .tensor("FloatStorage", "0", 6, 0, new long[] {1, 1, 2, 3}, new long[] {6, 6, 3, 1})
                        .op('s')
                        .stop(),
                values);
        mutate(Files.write(folder.resolve("a.pt"), pt), times, 6, Latents::read);
        byte[] safetensors = TestFiles.safetensors(Map.of("latents", values), Map.of("latents", "1,1,1,2,3"));
        mutate(Files.write(folder.resolve("a.safetensors"), safetensors), times, 8, Latents::read);
        containers(times);
    }

    /** Formats and kinds of tensors that weights and latents share. */
    private void containers(int times) throws IOException {
        var two = new long[] {2};
        var one = new long[] {1};
        Pickle nested = new Pickle(true).op(']', '}').text("state_dict").op('}', '(');
        nested.text("a").tensor("FloatStorage", "1", 3, 1, two, one);
        nested.text("b").tensor("FloatStorage", "0", 4, 0, two, two);
        byte[] legacy = TestFiles.legacyTorch(nested.op('u', 's', 'a').stop(), new float[4], new float[3]);
        mutate(Files.write(folder.resolve("legacy.pt"), legacy), times, 9, DamagedFilesTest::readAll);
        byte[] array = TestFiles.npy(
                1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", TestFiles.floats(1, 2, 3, 4, 5, 6));
        byte[] bytes = TestFiles.npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), }\n", new byte[8]);
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("latents.npy", array);
        entries.put("frames.npy", bytes);
        mutate(
                Files.write(folder.resolve("a.npz"), TestFiles.zip(entries, false)),
                times,
                10,
                DamagedFilesTest::readAll);
        mutate(
                Files.write(folder.resolve("b.npz"), TestFiles.zip(entries, true)),
                times,
                11,
                DamagedFilesTest::readAll);
        byte[] tensors = TestFiles.concat(
                TestFiles.ggufTensor("conv.weight", 0, 0, 1, 1, 1, 6),
                TestFiles.ggufTensor("conv.bias", 0, 32, 2),
                TestFiles.ggufTensor("q", 8, 64, 32, 2),
                TestFiles.ggufTensor("h", 1, 160, 4));
        byte[] metadata = TestFiles.concat(
                TestFiles.ggufText("general.architecture"),
                new byte[] {8, 0, 0, 0},
                TestFiles.ggufText("wan"),
                TestFiles.ggufText("comfy.gguf.orig_shape.h"),
                new byte[] {9, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0});
        byte[] gguf = TestFiles.gguf(2, metadata, 4, tensors, new byte[192]);
        mutate(Files.write(folder.resolve("a.gguf"), gguf), times, 12, DamagedFilesTest::readAll);
        byte[] scaled = TestFiles.safetensors("""
                {"a.weight":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},
                 "b.weight":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[4,8]},
                 "a.scale_weight":{"dtype":"F32","shape":[],"data_offsets":[8,12]},
                 "b.weight_scale":{"dtype":"F32","shape":[4],"data_offsets":[12,28]}}""", new byte[28]);
        mutate(Files.write(folder.resolve("scaled.safetensors"), scaled), times, 13, DamagedFilesTest::readAll);
    }

    private static void readAll(Path path) throws IOException {
        try (TensorFile file = TensorFile.open(path)) {
            var infos = new ArrayList<>(file.tensors().values());
            infos.addAll(file.integers().values());
            for (TensorInfo info : infos) {
                if (info.elements() > 1000) continue; // of nothing: a size beside an empty one
                file.read(info.name(), MemorySegment.ofArray(new float[(int) info.elements()]));
                if (info.elements() > 1) file.read(info.name(), 1, MemorySegment.ofArray(new float[1]));
            }
            file.requireDisjoint(file.tensors().keySet());
        }
    }

    private static void readWeights(Path path) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            for (Half half : checkpoint.halves()) {
                for (TensorInfo info : checkpoint.tensors(half).values()) {
                    checkpoint.read(info.name(), MemorySegment.ofArray(new float[(int) info.elements()]));
                }
            }
        }
    }

    private static void mutate(Path file, int times, long seed, Reader reader) throws IOException {
        byte[] sound = Files.readAllBytes(file);
        reader.read(file);
        var random = new SplittableRandom(seed);
        for (int i = 0; i < times; i++) {
            Files.write(file, damage(sound, random));
            String what = file.getFileName() + ", mutation " + i;
            assertTimeoutPreemptively(HANGING, () -> readOrRefuse(file, reader, what), what);
        }
        Files.write(file, sound);
    }

    private static void readOrRefuse(Path file, Reader reader, String what) {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        try {
            reader.read(file);
        } catch (FormatException e) {
            assertTrue(e.getMessage().contains(": ") && e.getMessage().length() < 1500, what + ": " + e.getMessage());
            assertFalse(e.getMessage().contains("\n"), what + ": " + e.getMessage());
        } catch (NoSuchFileException e) {
            assertTrue(
                    file.toString().endsWith(".index.json"), what + ": " + e); // which may name any file of its folder
        } catch (Exception | Error e) {
            throw new AssertionError(what, e);
        }
        assertTrue(THREADS.getCurrentThreadCpuTime() - cpu < 1e9, what + " took longer than a second");
        assertTrue(THREADS.getCurrentThreadAllocatedBytes() - allocated < MOST_MEMORY, what + " took memory");
    }

    /** Mostly near the start and the end, where the descriptions are. */
    private static byte[] damage(byte[] sound, SplittableRandom random) {
        byte[] bytes = sound.clone();
        switch (random.nextInt(4)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
            case 1 -> { // a number made large, small or negative
                int at = place(bytes, random);
                byte value = (byte) new int[] {0, 1, 0x7F, 0x80, 0xFF}[random.nextInt(5)];
                for (int k = 0; k < 1 << random.nextInt(4) && at + k < bytes.length; k++) bytes[at + k] = value;
            }
            case 2 -> { // a piece copied elsewhere
                int from = place(bytes, random);
                int to = place(bytes, random);
                int length = Math.min(1 + random.nextInt(60), bytes.length - Math.max(from, to));
                System.arraycopy(sound, from, bytes, to, length);
            }
            default -> {
                for (int k = 0; k < 1 + random.nextInt(8); k++)
                    bytes[place(bytes, random)] = (byte) random.nextInt(256);
            }
        }
        return bytes;
    }

    private static int place(byte[] bytes, SplittableRandom random) {
        int n = bytes.length;
        int near = Math.min(n, 1 << 3 + random.nextInt(13));
        return random.nextInt(8) == 0 ? n - 1 - random.nextInt(near) : random.nextInt(near);
    }
}
