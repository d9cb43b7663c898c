package wanvae.tensorfile;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A file that torch.save wrote (.pt, .pth, .bin), in either of its formats: a tensor, named "tensor", or dicts, lists
 * and tuples of tensors, one within the other. A tensor within is named by its path, like {@code
 * state_dict.decoder.conv1.weight} or {@code latents.0}. A container that is met twice is read once.
 */
public final class TorchFile extends ViewedFile {
    /** The name of a tensor that was saved by itself. */
    public static final String TENSOR = "tensor";

    private static final int LONGEST_NAME = 1000;
    private static final int LONGEST_NAMES = 16 << 20;
    private static final int MOST_TENSORS = 100_000;
    private static final int DEEPEST = 32;

    /**
     * What such a file holds.
     *
     * @param root     what its pickle describes
     * @param storages where the data of each storage lie
     */
    record Contents(Object root, Map<String, Place> storages, ByteOrder order) {}

    /** Where a storage's data lie in the file. */
    record Place(long position, long bytes) {}

    private final Contents contents;
    private int nameCharacters;

    /** Takes ownership of the file, but does not close it when it throws. */
    TorchFile(Contents contents, Bytes file) throws FormatException {
        super(file);
        this.contents = contents;
        if (contents.root instanceof TorchPickle.Tensor tensor) add(TENSOR, tensor);
        else addAll("", contents.root, Collections.newSetFromMap(new IdentityHashMap<>()), 0);
        if (views.isEmpty() && unreadable.isEmpty() && !(contents.root instanceof TorchPickle.Dict))
            throw new FormatException(name() + ": holds neither a tensor nor a container of tensors");
    }

    private void addAll(String path, Object container, Set<Object> seen, int depth) throws FormatException {
        if (depth > DEEPEST || !seen.add(container)) return;
        switch (container) {
            case TorchPickle.Dict dict -> {
                for (var entry : dict.entries.entrySet()) add(path, entry.getKey(), entry.getValue(), seen, depth);
            }
            case TorchPickle.Items list -> {
                for (int i = 0; i < list.items.size(); i++) add(path, "" + i, list.items.get(i), seen, depth);
            }
            default -> {}
        }
    }

    private void add(String path, String key, Object value, Set<Object> seen, int depth) throws FormatException {
        boolean tensor = value instanceof TorchPickle.Tensor;
        if (!tensor && !(value instanceof TorchPickle.Dict) && !(value instanceof TorchPickle.Items)) return;
        if (path.length() + key.length() >= LONGEST_NAME) {
            throw new FormatException(name() + ": a tensor's name of more than " + LONGEST_NAME + " characters");
        }
        String name = path.isEmpty() ? key : path + "." + key;
        if (value instanceof TorchPickle.Tensor saved) add(name, saved);
        else addAll(name, value, seen, depth + 1);
    }

    private void add(String tensor, TorchPickle.Tensor saved) throws FormatException {
        nameCharacters += tensor.length();
        if (views.size() + unreadable.size() >= MOST_TENSORS || nameCharacters > LONGEST_NAMES) {
            throw new FormatException(name() + ": more than " + MOST_TENSORS + " tensors, or names of more than "
                    + LONGEST_NAMES + " characters");
        }
        if (views.containsKey(tensor) || unreadable.containsKey(tensor)) {
            throw new FormatException(name() + ": has two tensors " + FormatException.quote(tensor));
        }
        String type = saved.dtype() != null ? saved.dtype() : saved.storage().type();
        DType dtype = switch (type) {
            case "FloatStorage", "float32", "float" -> DType.F32;
            case "DoubleStorage", "float64", "double" -> DType.F64;
            case "HalfStorage", "float16", "half" -> DType.F16;
            case "BFloat16Storage", "bfloat16" -> DType.BF16;
            case "float8_e4m3fn" -> DType.F8_E4M3;
            case "float8_e5m2" -> DType.F8_E5M2;
            case "ByteStorage", "uint8" -> DType.U8;
            case "uint16" -> DType.U16;
            default -> null;
        };
        if (dtype == null) {
            unreadable.put(tensor, type);
            return;
        }
        var info = new TensorInfo(tensor, dtype, saved.shape());
        add(view(info, saved));
    }

    private TensorView view(TensorInfo info, TorchPickle.Tensor saved) throws FormatException {
        TorchPickle.Storage storage = saved.storage();
        Place place = contents.storages.get(storage.key());
        if (place == null)
            throw bad(info, "no data in the archive, expected an entry data/" + FormatException.quote(storage.key()));
        // An UntypedStorage counts its bytes.
        long elements = saved.dtype() == null
                ? storage.elements()
                : storage.elements() / info.dtype().bytes();
        if (elements > place.bytes / info.dtype().bytes())
            throw bad(info, "a storage of " + elements + " elements in " + place.bytes + " bytes");
        try {
            var view = new TensorView(info, file, place.position, contents.order, saved.offset(), saved.stride());
            long n = info.elements();
            if (n > elements || n > 0 && view.last() >= elements) {
                throw bad(
                        info,
                        "shape " + Arrays.toString(saved.shape()) + ", strides " + Arrays.toString(saved.stride())
                                + " and offset " + saved.offset() + " that do not fit its storage of " + elements
                                + " elements");
            }
            return view;
        } catch (ArithmeticException e) {
            throw bad(info, "shape " + Arrays.toString(saved.shape()) + ", whose size overflows");
        }
    }

    private FormatException bad(TensorInfo info, String found) {
        return new FormatException(name() + ": tensor " + FormatException.quote(info.name()) + " has " + found);
    }

    @Override
    public void requireDisjoint(Collection<String> names) throws FormatException {
        TensorView.requireDisjoint(names, views, name());
    }
}
