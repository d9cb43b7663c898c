package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A .pt or .pth file as torch.save writes since version 1.6: a zip archive of a pickle and one entry for each storage.
 * Holds one tensor, named "tensor", or a dict of tensors; a dict within it gives its tensors names like {@code
 * state_dict.decoder.conv1.weight}.
 */
public final class TorchFile implements TensorFile {
    /** The name we give a tensor that was saved by itself. */
    public static final String TENSOR = "tensor";

    private static final String PICKLE = "data.pkl";
    private static final int LONGEST_PICKLE = 16 << 20;
    private static final int LONGEST_NAME = 1000;
    private static final int MOST_TENSORS = 100_000;

    /**
     * A tensor's place: where its storage begins in the file, which elements of it from first to last, and the stride
     * of each dimension.
     */
    private record View(long storage, long first, long last, long[] stride) {}

    private final FileBytes file;
    private final Map<String, ZipDirectory.Entry> entries;
    private final String folder;
    private final ByteOrder order;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> unreadable = new LinkedHashMap<>();
    private final Map<String, View> views = new HashMap<>();

    static boolean begins(byte[] start) {
        return start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    }

    /** Before torch 1.6: several pickles, the first one a number of ten bytes. */
    static boolean beginsLegacy(byte[] start) {
        return start.length >= 4
                && (start[0] & 0xFF) == 0x80
                && start[1] == 2
                && (start[2] & 0xFF) == 0x8a
                && start[3] == 10;
    }

    /** Takes over the file, but does not close it when it throws. */
    TorchFile(FileBytes file) throws IOException {
        this.file = file;
        entries = ZipDirectory.read(file);
        ZipDirectory.Entry pickle = null;
        for (ZipDirectory.Entry entry : entries.values()) {
            String name = entry.name();
            if (name.equals(PICKLE)
                    || name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1)
                pickle = entry;
        }
        if (pickle == null)
            throw new FormatException(name() + ": a zip archive without a " + PICKLE + ", which torch.save writes");
        if (pickle.size() > LONGEST_PICKLE) {
            throw new FormatException(
                    name() + ": a pickle of " + pickle.size() + " bytes, expected at most " + LONGEST_PICKLE);
        }
        folder = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
        order = byteOrder();
        Object root = TorchPickle.read(file.read(pickle.offset(), (int) pickle.size()), name());
        switch (root) {
            case TorchPickle.Tensor tensor -> add(TENSOR, tensor);
            case TorchPickle.Dict dict -> addAll(dict);
            default -> throw new FormatException(name() + ": holds neither a tensor nor a dict of tensors");
        }
    }

    private ByteOrder byteOrder() throws IOException {
        ZipDirectory.Entry entry = entries.get(folder + "byteorder");
        if (entry == null || entry.size() > 16) return ByteOrder.LITTLE_ENDIAN;
        ByteBuffer text = file.read(entry.offset(), (int) entry.size());
        return StandardCharsets.US_ASCII.decode(text).toString().equals("big")
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
    }

    /** Two levels and no more: whatever contains itself ends here. */
    private void addAll(TorchPickle.Dict dict) throws FormatException {
        for (var entry : dict.entries.entrySet()) {
            if (entry.getValue() instanceof TorchPickle.Tensor tensor) add(entry.getKey(), tensor);
            if (!(entry.getValue() instanceof TorchPickle.Dict inner)) continue;
            for (var innerEntry : inner.entries.entrySet()) {
                if (innerEntry.getValue() instanceof TorchPickle.Tensor tensor) {
                    if (entry.getKey().length() > LONGEST_NAME) {
                        throw new FormatException(
                                name() + ": a tensor's name of more than " + LONGEST_NAME + " characters");
                    }
                    add(entry.getKey() + "." + innerEntry.getKey(), tensor);
                }
            }
        }
    }

    private void add(String tensor, TorchPickle.Tensor saved) throws FormatException {
        if (tensor.length() > 2 * LONGEST_NAME) {
            throw new FormatException(name() + ": a tensor's name of more than " + LONGEST_NAME + " characters");
        }
        if (tensors.size() + unreadable.size() >= MOST_TENSORS) {
            throw new FormatException(name() + ": more than " + MOST_TENSORS + " tensors");
        }
        DType dtype = switch (saved.storage().type()) {
            case "FloatStorage" -> DType.F32;
            case "DoubleStorage" -> DType.F64;
            case "HalfStorage" -> DType.F16;
            case "BFloat16Storage" -> DType.BF16;
            default -> null;
        };
        if (dtype == null) {
            unreadable.put(tensor, saved.storage().type());
            return;
        }
        var info = new TensorInfo(tensor, dtype, saved.shape());
        views.put(tensor, view(info, saved));
        tensors.put(tensor, info);
    }

    private View view(TensorInfo info, TorchPickle.Tensor saved) throws FormatException {
        TorchPickle.Storage storage = saved.storage();
        ZipDirectory.Entry entry = entries.get(folder + "data/" + storage.key());
        if (entry == null)
            throw bad(info, "no data in the archive, expected an entry data/" + FormatException.quote(storage.key()));
        if (storage.elements() > entry.size() / info.dtype().bytes()) {
            throw bad(info, "a storage of " + storage.elements() + " elements in " + entry.size() + " bytes");
        }
        try {
            long last = saved.offset();
            for (int d = 0; d < saved.shape().length; d++) {
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, saved.shape()[d] - 1), saved.stride()[d]));
            }
            long n = info.elements();
            if (n > storage.elements() || n > 0 && last >= storage.elements()) {
                throw bad(
                        info,
                        "shape " + Arrays.toString(saved.shape()) + ", strides " + Arrays.toString(saved.stride())
                                + " and offset " + saved.offset() + " that do not fit its storage of "
                                + storage.elements() + " elements");
            }
            return new View(entry.offset(), saved.offset(), n == 0 ? saved.offset() - 1 : last, saved.stride());
        } catch (ArithmeticException e) {
            throw bad(info, "shape " + Arrays.toString(saved.shape()) + ", whose size overflows");
        }
    }

    private FormatException bad(TensorInfo info, String found) {
        return new FormatException(name() + ": tensor " + FormatException.quote(info.name()) + " has " + found);
    }

    /**
     * Refuses tensors that share elements: a checkpoint of some thousand bytes could otherwise describe weights of any
     * size.
     *
     * @throws FormatException naming two that do
     */
    public void requireDisjoint(Collection<String> names) throws FormatException {
        var sorted = names.stream()
                .filter(views::containsKey)
                .sorted(Comparator.comparingLong((String name) -> views.get(name).storage)
                        .thenComparingLong(name -> views.get(name).first))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            View before = views.get(sorted.get(i - 1));
            View view = views.get(sorted.get(i));
            if (before.storage == view.storage && before.last >= view.first && view.last >= view.first) {
                throw new FormatException(name() + ": tensors " + FormatException.quote(sorted.get(i - 1)) + " and "
                        + FormatException.quote(sorted.get(i))
                        + " share elements of one storage, expected each to have its own");
            }
        }
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Map<String, String> unreadable() {
        return Collections.unmodifiableMap(unreadable);
    }

    @Override
    public void read(String tensor, MemorySegment target) throws IOException {
        TensorInfo info = require(tensor);
        TensorFile.requireSize(info, target);
        View view = views.get(tensor);
        long first = view.storage + view.first * info.dtype().bytes();
        long span = view.last - view.first + 1;
        if (isContiguous(info.shape(), view.stride)) {
            file.readFloats(first, span, info.dtype(), order, target);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(4 * span, 4);
            file.readFloats(first, span, info.dtype(), order, stored);
            gather(stored, info.shape(), view.stride, target);
        }
    }

    @Override
    public void read(String tensor, long first, MemorySegment target) throws IOException {
        TensorInfo info = require(tensor);
        TensorFile.requireRun(info, first, target);
        View view = views.get(tensor);
        if (!isContiguous(info.shape(), view.stride)) throw bad(info, "elements in another order than C's");
        file.readFloats(
                view.storage + (view.first + first) * info.dtype().bytes(),
                target.byteSize() / 4,
                info.dtype(),
                order,
                target);
    }

    private static boolean isContiguous(long[] shape, long[] stride) {
        long expected = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] != 1 && stride[d] != expected) return false;
            expected *= shape[d];
        }
        return true;
    }

    /** Counts the indices up in C order and follows the position in the storage along. */
    private static void gather(MemorySegment stored, long[] shape, long[] stride, MemorySegment target) {
        long[] index = new long[shape.length];
        long position = 0;
        for (long i = 0, n = target.byteSize() / 4; i < n; i++) {
            target.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * i,
                    stored.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * position));
            for (int d = shape.length - 1; d >= 0; d--) {
                position += stride[d];
                if (++index[d] < shape[d]) break;
                position -= stride[d] * shape[d];
                index[d] = 0;
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
