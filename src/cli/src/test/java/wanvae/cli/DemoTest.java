package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.WanVae;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.TensorFile;

/**
 * The demo's resources give the picture that the reference gives with the float32 weights: its frames 0 and 4, every
 * 8th pixel.
 */
class DemoTest {
    private static final int GRID = 8;

    @TempDir
    Path folder;

    @Test
    void decodesWhatTheReferenceDecodes() throws IOException {
        float[][] decoded = new float[5][];
        try (WanVae vae = WanVae.open(DemoCommand.copy("demo.wanvae", folder))) {
            vae.decode(
                    beginning(Latents.read(DemoCommand.copy("latents.safetensors", folder))),
                    (member, index, frame) -> decoded[index] = frame.pixels().toArray(ValueLayout.JAVA_FLOAT));
        }
        float[] expected = expected();
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            int x = i % 64, y = i / 64 % 40, c = i / 64 / 40 % 3, frame = i / 64 / 40 / 3 * 4;
            double difference = decoded[frame][(y * GRID * 512 + x * GRID) * 3 + c] - Math.clamp(expected[i], -1, 1);
            squares += difference * difference;
        }
        // BF16 weights move a sample by 0.0004 (rms); the picture is the same.
        double rms = Math.sqrt(squares / expected.length);
        assertTrue(rms < 0.002, "rms " + rms);
    }

    /** The first two latent frames: five frames that do not depend on the rest. */
    private static Latents beginning(Latents all) {
        LatentShape s = all.shape();
        assertEquals(new LatentShape(1, 16, 9, 40, 64), s);
        long plane = 4L * s.height() * s.width();
        MemorySegment values = MemorySegment.ofArray(new float[(int) (s.channels() * 2 * plane / 4)]);
        for (int c = 0; c < s.channels(); c++)
            MemorySegment.copy(all.values(), c * s.frames() * plane, values, c * 2 * plane, 2 * plane);
        return Latents.of(new LatentShape(1, s.channels(), 2, s.height(), s.width()), values);
    }

    private float[] expected() throws IOException {
        Path file = folder.resolve("expected.safetensors");
        try (InputStream in = DemoTest.class.getResourceAsStream("demo-frames-0-4.safetensors")) {
            Files.copy(in, file);
        }
        try (TensorFile tensors = TensorFile.open(file)) {
            float[] values = new float[2 * 3 * 40 * 64];
            MemorySegment target = Arena.ofAuto().allocate(4L * values.length, 4);
            tensors.read("expected", target);
            MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
            return values;
        }
    }
}
