package wanvae.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wanvae.tensorfile.TestFiles;

/**
 * The tensors of the reference's small models as its own files hold them: name, shape and the bits of the first value,
 * from the resource {@code <model>.txt}. Values but the first are not kept; the generator makes them under their
 * diffusers names.
 */
public record GoldenNames(String name, long[] shape, int firstBits) {
    public static List<GoldenNames> of(String model) {
        var names = new ArrayList<GoldenNames>();
        for (String line : resource(model + ".txt").split("\n")) {
            String[] parts = line.split(" ");
            long[] shape = List.of(parts[1].split("x")).stream()
                    .mapToLong(Long::parseLong)
                    .toArray();
            names.add(new GoldenNames(parts[0], shape, Integer.parseUnsignedInt(parts[2], 16)));
        }
        return names;
    }

    int elements() {
        int n = 1;
        for (long size : shape) n *= (int) size;
        return n;
    }

    /** The first value, then zeros. */
    byte[] data() {
        return ByteBuffer.allocate(4 * elements())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, firstBits)
                .array();
    }

    /** A safetensors file of these tensors, each name behind the prefix. */
    public static byte[] safetensors(List<GoldenNames> tensors, String prefix) {
        int total = tensors.stream().mapToInt(tensor -> 4 * tensor.elements()).sum();
        ByteBuffer data = ByteBuffer.allocate(total);
        var entries = new ArrayList<String>();
        for (GoldenNames tensor : tensors) {
            int begin = data.position();
            data.put(tensor.data());
            entries.add("\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(prefix + tensor.name, Arrays.toString(tensor.shape), begin, data.position()));
        }
        return TestFiles.safetensors("{" + String.join(",", entries) + "}", data.array());
    }

    /** A torch file of these tensors around the pickle that torch itself wrote for them. */
    public static byte[] torch(List<GoldenNames> tensors, byte[] pickle) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("Wan2.1_VAE/data.pkl", pickle);
        for (int i = 0; i < tensors.size(); i++)
            entries.put("Wan2.1_VAE/data/" + i, tensors.get(i).data());
        return TestFiles.zip(entries, false);
    }

    public static String resource(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    public static byte[] bytes(String name) {
        try (var in = GoldenNames.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
