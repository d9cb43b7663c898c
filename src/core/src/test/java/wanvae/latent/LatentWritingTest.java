package wanvae.latent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.generated.GeneratedWeights;
import wanvae.tensorfile.DType;

class LatentWritingTest {
    private static final LatentShape SHAPE = new LatentShape(2, 16, 3, 5, 300);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "a.safetensors, F32",
        "a.safetensors, BF16",
        "a.safetensors, F16",
        "a.npy, F32",
        "a.npy, F16",
        "a.pt, F32",
        "a.pt, BF16",
        "a.pth, F16"
    })
    void whatIsWrittenIsRead(String name, DType dtype) throws IOException {
        Latents latents = GeneratedWeights.latents(SHAPE, 1);
        Path file = folder.resolve(name);
        LatentWriting.write(latents, file, dtype, false);
        Latents read = Latents.read(file);
        assertEquals(SHAPE, read.shape());
        float[] expected = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED),
                actual = read.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        if (dtype == DType.F32) assertArrayEquals(expected, actual);
        else assertArrayEquals(expected, actual, dtype == DType.F16 ? 2e-3f : 1.2e-2f);
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void whatCannotBeWritten() throws IOException {
        Latents latents = GeneratedWeights.latents(new LatentShape(1, 1, 1, 1, 1), 1);
        assertEquals(
                "latents are written to .safetensors, .npy or .pt, and out.mp4 ends otherwise",
                assertThrows(IllegalArgumentException.class, () -> LatentWriting.check(Path.of("out.mp4"), DType.F32))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> LatentWriting.check(Path.of("a.npy"), DType.BF16));
        assertThrows(IllegalArgumentException.class, () -> LatentWriting.check(Path.of("a.npy"), DType.F64));
        Path there = Files.writeString(folder.resolve("a.npy"), "there");
        assertThrows(IOException.class, () -> LatentWriting.write(latents, there, DType.F32, false));
        assertEquals("there", Files.readString(there));
        LatentWriting.write(latents, there, DType.F32, true);
        assertEquals(latents.shape(), Latents.read(there).shape());
        assertThrows(
                IOException.class, () -> LatentWriting.write(latents, folder.resolve("no/a.npy"), DType.F32, true));
    }
}
