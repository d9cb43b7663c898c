package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file whose 8-bit floats are multiplied by scales, one for a tensor or one for each of its rows: {@code
 * X.scale_weight} (ComfyUI's first scheme, marked by a tensor {@code scaled_fp8}), {@code X.weight_scale} (its second)
 * or {@code X.weight_scale_inv} beside {@code X.weight}. The scales and what belongs to activations are not among the
 * tensors.
 */
final class ScaledFile implements TensorFile {
    private static final List<String> SCALES = List.of("scale_weight", "weight_scale", "weight_scale_inv");
    private static final List<String> OTHERS = List.of("scale_input", "input_scale", "comfy_quant");
    private static final String WEIGHT = "weight";
    private static final String MARK = "scaled_fp8";

    private final TensorFile file;
    private final Map<String, TensorInfo> tensors;
    /** Name of the scale of each tensor that has one. */
    private final Map<String, String> scales;

    private ScaledFile(TensorFile file, Map<String, TensorInfo> tensors, Map<String, String> scales) {
        this.file = file;
        this.tensors = tensors;
        this.scales = scales;
    }

    /**
     * The file, or a view of it that applies its scales.
     *
     * @throws FormatException if a scale has a shape that does not fit its tensor
     */
    static TensorFile of(TensorFile file) throws FormatException {
        boolean bytes = file.tensors().values().stream()
                .anyMatch(info -> info.dtype() == DType.F8_E4M3 || info.dtype() == DType.F8_E5M2);
        if (!bytes) return file;
        var tensors = new LinkedHashMap<>(file.tensors());
        var scales = new HashMap<String, String>();
        for (TensorInfo info : file.tensors().values()) {
            String name = info.name();
            if (name.equals(MARK) || name.endsWith("." + MARK)) tensors.remove(name);
            if (!name.endsWith(WEIGHT)) continue;
            String module = name.substring(0, name.length() - WEIGHT.length());
            if (info.dtype() == DType.F8_E4M3 || info.dtype() == DType.F8_E5M2) {
                for (String ending : SCALES) {
                    TensorInfo scale = file.tensors().get(module + ending);
                    if (scale == null) continue;
                    requireFits(file, scale, info);
                    scales.put(name, scale.name());
                }
            }
            for (String ending : SCALES) tensors.remove(module + ending);
            for (String ending : OTHERS) tensors.remove(module + ending);
        }
        if (scales.isEmpty() && tensors.size() == file.tensors().size()) return file;
        return new ScaledFile(file, Collections.unmodifiableMap(tensors), scales);
    }

    private static void requireFits(TensorFile file, TensorInfo scale, TensorInfo info) throws FormatException {
        long elements = scale.elements();
        boolean rows = info.shape().length > 0
                && scale.shape().length > 0
                && elements == info.shape()[0]
                && scale.shape()[0] == elements;
        if (elements != 1 && !rows || scale.dtype() == DType.F8_E4M3 || scale.dtype() == DType.F8_E5M2) {
            throw new FormatException(file.name() + ": tensor " + FormatException.quote(scale.name()) + " has shape "
                    + Arrays.toString(scale.shape()) + ", expected one scale of " + FormatException.quote(info.name())
                    + " or one for each of its " + (info.shape().length > 0 ? info.shape()[0] : 1) + " rows");
        }
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public Map<String, TensorInfo> integers() {
        return file.integers();
    }

    @Override
    public Map<String, String> unreadable() {
        return file.unreadable();
    }

    @Override
    public void requireDisjoint(Collection<String> names) throws FormatException {
        var all = new ArrayList<>(names);
        for (String name : names) if (scales.containsKey(name)) all.add(scales.get(name));
        file.requireDisjoint(all);
    }

    @Override
    public void read(String tensor, MemorySegment target) throws IOException {
        file.read(tensor, target);
        scale(tensor, 0, target);
    }

    @Override
    public void read(String tensor, long first, MemorySegment target) throws IOException {
        file.read(tensor, first, target);
        scale(tensor, first, target);
    }

    private void scale(String tensor, long first, MemorySegment target) throws IOException {
        String name = scales.get(tensor);
        if (name == null) return;
        var factors = new float[(int) file.tensors().get(name).elements()];
        file.read(name, MemorySegment.ofArray(factors));
        long row = file.tensors().get(tensor).elements() / factors.length;
        for (long i = 0, n = target.byteSize() / 4; i < n; i++) {
            float factor = factors[factors.length == 1 ? 0 : (int) ((first + i) / row)];
            target.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * i,
                    factor * target.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
