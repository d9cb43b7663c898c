package wanvae.checkpoint.wan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.checkpoint.GoldenNames;
import wanvae.config.WanConfig;

/** The encoders of the published models: their names in both schemes and their shapes, as the reference has them. */
class WanTensorsTest {
    private record Tensor(String name, String original, long[] shape) {}

    private static List<Tensor> encoder(String model) {
        var tensors = new ArrayList<Tensor>();
        for (String line : GoldenNames.resource(model + "_encoder.txt").split("\n")) {
            String[] parts = line.split(" ");
            long[] shape =
                    Stream.of(parts[2].split("x")).mapToLong(Long::parseLong).toArray();
            tensors.add(new Tensor(parts[0], parts[1], shape));
        }
        return tensors;
    }

    @ParameterizedTest
    @ValueSource(strings = {"wan21", "wan22"})
    void encoders(String model) {
        boolean flat = model.equals("wan21");
        Map<String, long[]> shapes = WanTensors.encoder(flat ? WanConfig.WAN_2_1 : WanConfig.WAN_2_2);
        List<Tensor> expected = encoder(model);
        assertEquals(86, expected.size());
        assertEquals(
                expected.stream().map(Tensor::name).sorted().toList(),
                shapes.keySet().stream().sorted().toList());
        for (Tensor tensor : expected) assertArrayEquals(tensor.shape, shapes.get(tensor.name), tensor.name);

        // The decoder's names tell the scheme.
        var names = new LinkedHashSet<>(expected.stream().map(Tensor::original).toList());
        names.add("decoder.middle.0.residual.0.gamma");
        names.add(flat ? "decoder.upsamples.3.resample.1.weight" : "decoder.upsamples.0.upsamples.0.residual.2.weight");
        UnaryOperator<String> renaming = WanNames.renaming(names);
        for (Tensor tensor : expected) assertEquals(tensor.name, renaming.apply(tensor.original));
        for (Tensor tensor : expected)
            assertEquals(tensor.name, WanNames.renaming(shapes.keySet()).apply(tensor.name));
    }
}
