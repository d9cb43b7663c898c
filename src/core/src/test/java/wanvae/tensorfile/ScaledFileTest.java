package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaledFileTest {
    @TempDir
    Path folder;

    private TensorFile open(String header, byte[] data) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("a.safetensors"), TestFiles.safetensors(header, data)));
    }

    private static float[] read(TensorFile file, String tensor) throws IOException {
        var values = new float[(int) file.require(tensor).elements()];
        file.read(tensor, MemorySegment.ofArray(values));
        return values;
    }

    /** Both of ComfyUI's schemes and a scale a row, beside a weight without one. */
    @Test
    void scalesMultiply() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(33).order(ByteOrder.LITTLE_ENDIAN);
        data.put(new byte[] {0x38, 0x40, (byte) 0xB8, 0x7E}); // a: 1, 2, -1, 448
        data.put(new byte[] {0x3C, 0x40}); // b, E5M2: 1, 2
        data.put(new byte[] {0x38, 0x38, 0x38, 0x38}); // c: ones
        data.put(new byte[] {0x38}); // d
        data.put(new byte[] {0x38, 0x38}); // scaled_fp8
        data.putFloat(0.5f).putFloat(0.25f).putFloat(3).putFloat(4).putFloat(9);
        String header = """
                {"a.weight":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},
                 "b.weight":{"dtype":"F8_E5M2","shape":[2],"data_offsets":[4,6]},
                 "c.weight":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[6,10]},
                 "d.weight":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[10,11]},
                 "scaled_fp8":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[11,13]},
                 "a.scale_weight":{"dtype":"F32","shape":[],"data_offsets":[13,17]},
                 "b.weight_scale":{"dtype":"F32","shape":[1],"data_offsets":[17,21]},
                 "c.weight_scale":{"dtype":"F32","shape":[2,1],"data_offsets":[21,29]},
                 "a.scale_input":{"dtype":"F32","shape":[],"data_offsets":[29,33]}}""";
        try (TensorFile file = open(header, data.array())) {
            assertEquals(
                    List.of("a.weight", "b.weight", "c.weight", "d.weight"),
                    List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new float[] {0.5f, 1, -0.5f, 224}, read(file, "a.weight"));
            assertArrayEquals(new float[] {0.25f, 0.5f}, read(file, "b.weight"));
            assertArrayEquals(new float[] {3, 3, 4, 4}, read(file, "c.weight"));
            assertArrayEquals(new float[] {1}, read(file, "d.weight"));
            var run = new float[2];
            file.read("c.weight", 1, MemorySegment.ofArray(run));
            assertArrayEquals(new float[] {3, 4}, run);
        }
    }

    @Test
    void scalesOfBlocksAreRefused() {
        String header = """
                {"a.weight":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},
                 "a.weight_scale_inv":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]}}""";
        String message = assertThrows(FormatException.class, () -> open(header, new byte[20]))
                .getMessage();
        assertTrue(message.contains("a.weight_scale_inv has shape [2, 2], expected one scale"), message);
    }
}
