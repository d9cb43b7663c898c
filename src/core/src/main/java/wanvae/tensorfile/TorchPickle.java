package wanvae.tensorfile;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the pickle that torch.save writes as data: tensors' descriptions in dicts, lists and tuples. Only the names in
 * {@link #GLOBALS} mean something, each by a rule of this class; those in {@link #IGNORED} stand for nothing, any other
 * is refused by name, and nothing is ever executed. The work is bounded by the number of opcodes, and values are
 * compared by identity only, so structures that contain themselves do no harm. Opcodes as in Python's pickletools.
 */
final class TorchPickle {
    /**
     * A {@code torch.FloatStorage} or a storage of another type: which bytes, and how many elements.
     *
     * @param view where a part of the storage begins that was saved as a storage of its own, before torch 0.4
     */
    record Storage(String type, String key, long elements, long view) {}

    /**
     * A view of a storage; offset and stride in elements.
     *
     * @param dtype name of its type, like "float8_e4m3fn", where the storage has none of its own; else null
     */
    record Tensor(Storage storage, long offset, long[] shape, long[] stride, String dtype) {}

    private record Global(String name) {}

    /** Stands for a name in {@link #IGNORED}, and for what a call of it returns. */
    private static final class Ignored {}

    /** A tuple or a list. It is a class of its own, so that it is compared by identity. */
    static final class Items {
        final List<Object> items = new ArrayList<>();
    }

    /** A dict; its entries under keys other than texts and numbers are dropped, since no tensor has one. */
    static final class Dict {
        final Map<String, Object> entries = new LinkedHashMap<>();
    }

    private static final Object MARK = new Object();
    private static final Object NONE = new Object();
    private static final int MOST_OPCODES = 1_000_000;
    private static final int MOST_DIMENSIONS = 32;
    private static final String REBUILD_TENSOR_1 = "torch._utils._rebuild_tensor";
    private static final String REBUILD_TENSOR_2 = "torch._utils._rebuild_tensor_v2";
    private static final String REBUILD_TENSOR_3 = "torch._utils._rebuild_tensor_v3";
    private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
    private static final String ORDERED_DICT = "collections.OrderedDict";
    private static final String SIZE = "torch.Size";
    private static final Set<String> GLOBALS =
            Set.of(REBUILD_TENSOR_1, REBUILD_TENSOR_2, REBUILD_TENSOR_3, REBUILD_PARAMETER, ORDERED_DICT, SIZE);
    /** Names of objects that occur beside tensors and are of no interest. */
    private static final Set<String> IGNORED = Set.of(
            "torch.device",
            "numpy.core.multiarray.scalar",
            "numpy._core.multiarray.scalar",
            "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray._reconstruct",
            "numpy.ndarray",
            "numpy.dtype",
            "_codecs.encode",
            "collections.defaultdict",
            "argparse.Namespace",
            "pathlib.PosixPath",
            "pathlib.WindowsPath");

    private static final Pattern DTYPE = Pattern.compile("torch\\.(float|bfloat|complex|u?int|double|half|bool)\\w*");
    private static final Set<String> STORAGES = Set.of(
            "torch.FloatStorage",
            "torch.DoubleStorage",
            "torch.HalfStorage",
            "torch.BFloat16Storage",
            "torch.LongStorage",
            "torch.IntStorage",
            "torch.ShortStorage",
            "torch.CharStorage",
            "torch.ByteStorage",
            "torch.BoolStorage",
            "torch.ComplexFloatStorage",
            "torch.ComplexDoubleStorage",
            "torch.storage.UntypedStorage");

    private final ByteBuffer code;
    private final String file;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Map<String, Storage> storages = new HashMap<>();

    private TorchPickle(ByteBuffer code, String file) {
        this.code = code;
        this.file = file;
    }

    /**
     * What a pickle says.
     *
     * @param root     a {@link Tensor}, a {@link Dict}, {@link Items}, or something of no interest
     * @param storages those it refers to, by key
     */
    record Contents(Object root, Map<String, Storage> storages) {}

    /**
     * Reads one pickle.
     *
     * @param code the pickle, little-endian; read up to its end
     * @param file for messages
     */
    static Contents read(ByteBuffer code, String file) throws FormatException {
        var pickle = new TorchPickle(code, file);
        try {
            return new Contents(pickle.run(), pickle.storages);
        } catch (BufferUnderflowException e) {
            throw new FormatException(file + ": its pickle ends too early", e);
        }
    }

    private Object run() throws FormatException {
        for (int step = 0; step < MOST_OPCODES; step++) {
            int op = code.get() & 0xFF;
            if (op == '.') return pop();
            step(op);
        }
        throw bad("has more than " + MOST_OPCODES + " opcodes");
    }

    private void step(int op) throws FormatException {
        switch (op) {
            case 0x80 -> code.get(); // PROTO
            case 0x95 -> code.getLong(); // FRAME
            case 0x81 -> { // NEWOBJ: an object of a class, without attributes yet
                if (!(popLast(2).getFirst() instanceof Ignored)) throw bad("makes an object torch.save does not");
                stack.add(new Ignored());
            }
            case '(' -> stack.add(MARK);
            case '0' -> pop();
            case '1' -> popToMark();
            case '2' -> stack.add(peek());
            case 'N' -> stack.add(NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) code.getInt());
            case 'K' -> stack.add(code.get() & 0xFFL);
            case 'M' -> stack.add(code.getShort() & 0xFFFFL);
            case 0x8a -> stack.add(longOf(code.get() & 0xFF));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(code.getLong())));
            case 'X', 'T', 'B' -> stack.add(text(code.getInt() & 0xFFFFFFFFL));
            case 'U', 'C', 0x8c -> stack.add(text(code.get() & 0xFF));
            case 0x8d -> stack.add(text(code.getLong()));
            case 'q' -> memo.put(code.get() & 0xFF, peek());
            case 'r' -> memo.put(code.getInt(), peek());
            case 0x94 -> memo.put(memo.size(), peek());
            case 'h' -> stack.add(remembered(code.get() & 0xFF));
            case 'j' -> stack.add(remembered(code.getInt()));
            case '}' -> stack.add(new Dict());
            case ']', ')' -> stack.add(new Items());
            case 't' -> stack.add(tuple(popToMark()));
            case 0x85 -> stack.add(tuple(popLast(1)));
            case 0x86 -> stack.add(tuple(popLast(2)));
            case 0x87 -> stack.add(tuple(popLast(3)));
            case 'a' -> append(popLast(1));
            case 'e' -> append(popToMark());
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popToMark());
            case 'c' -> stack.add(global(line(), line()));
            case 0x93 -> {
                List<Object> names = popLast(2);
                stack.add(global(string(names.get(0)), string(names.get(1))));
            }
            case 'Q' -> stack.add(storage(pop()));
            case 'R' -> {
                List<Object> call = popLast(2);
                stack.add(reduce(call.get(0), call.get(1)));
            }
            case 'b' -> { // attributes, such as a state dict's _metadata: of no interest, and few things have them
                pop();
                if (!(peek() instanceof Dict || peek() instanceof Ignored))
                    throw bad("sets attributes of something that is no dict");
            }
            default ->
                throw bad("uses opcode 0x" + Integer.toHexString(op) + ", which torch.save does not write for tensors");
        }
    }

    private Object global(String module, String name) throws FormatException {
        String global = module + "." + name;
        if (global.startsWith("torch.cuda.") && global.endsWith("Storage")) global = "torch." + name;
        if (IGNORED.contains(global)) return new Ignored();
        if (!GLOBALS.contains(global)
                && !STORAGES.contains(global)
                && !DTYPE.matcher(global).matches()) {
            throw bad("names " + FormatException.quote(global)
                    + ", which is not among what tensors need; nothing of it was executed");
        }
        return new Global(global);
    }

    private Object reduce(Object function, Object arguments) throws FormatException {
        List<Object> args = items(arguments);
        if (function instanceof Ignored) return new Ignored();
        String name = function instanceof Global global ? global.name : "something that is no function";
        if (name.equals(REBUILD_TENSOR_1) && args.size() == 4) return tensor(args, null);
        if (name.equals(REBUILD_TENSOR_2) && args.size() >= 4) return tensor(args, null);
        if (name.equals(REBUILD_TENSOR_3) && args.size() >= 7 && args.get(6) instanceof Global dtype)
            return tensor(args, dtype.name.substring("torch.".length()));
        if (name.equals(REBUILD_PARAMETER) && !args.isEmpty() && args.get(0) instanceof Tensor tensor) return tensor;
        if (name.equals(ORDERED_DICT) && args.isEmpty()) return new Dict();
        if (name.equals(ORDERED_DICT) && args.size() == 1) return dict(items(args.get(0)));
        if (name.equals(SIZE) && args.size() == 1 && args.get(0) instanceof Items size) return size;
        throw bad("calls " + name + " in a way torch.save does not");
    }

    /** An OrderedDict as Python 2 pickled it: of a list of pairs. */
    private Dict dict(List<Object> pairs) throws FormatException {
        var dict = new Dict();
        for (Object pair : pairs) {
            List<Object> entry = items(pair);
            if (entry.size() != 2) throw bad("has something else where a key and a value belong");
            put(dict, entry.get(0), entry.get(1));
        }
        return dict;
    }

    private Tensor tensor(List<Object> args, String dtype) throws FormatException {
        if (!(args.get(0) instanceof Storage storage)) throw bad("rebuilds a tensor from something that is no storage");
        long[] shape = longs(args.get(2));
        long[] stride = longs(args.get(3));
        if (shape.length != stride.length)
            throw bad("describes a tensor of " + shape.length + " sizes and " + stride.length + " strides");
        long offset = number(args.get(1));
        if (storage.view > 0 && offset > storage.elements) throw bad("has something else where an offset belongs");
        return new Tensor(storage, offset + storage.view, shape, stride, dtype);
    }

    private Storage storage(Object id) throws FormatException {
        List<Object> parts = items(id);
        if (parts.size() < 5
                || parts.size() > 6
                || !"storage".equals(parts.get(0))
                || !(parts.get(1) instanceof Global type)
                || !STORAGES.contains(type.name)) {
            throw bad("refers to something outside it that is no storage");
        }
        long view = 0;
        long elements = number(parts.get(4));
        if (parts.size() == 6 && parts.get(5) instanceof Items part && part.items.size() == 3) {
            view = number(part.items.get(1));
            if (view > elements) throw bad("has something else where an offset belongs");
        }
        String name = type.name.substring(type.name.lastIndexOf('.') + 1);
        var storage = new Storage(name, string(parts.get(2)), elements, view);
        storages.putIfAbsent(storage.key, storage);
        return storage;
    }

    private void append(List<Object> items) throws FormatException {
        if (!(peek() instanceof Items list)) throw bad("appends to something that is no list");
        list.items.addAll(items);
    }

    private void setItems(List<Object> pairs) throws FormatException {
        if (!(peek() instanceof Dict dict) || pairs.size() % 2 != 0)
            throw bad("sets items of something that is no dict");
        for (int i = 0; i < pairs.size(); i += 2) put(dict, pairs.get(i), pairs.get(i + 1));
    }

    private static void put(Dict dict, Object key, Object value) {
        if (key instanceof String || key instanceof Long) dict.entries.put(key.toString(), value);
    }

    private static Items tuple(List<Object> items) {
        var tuple = new Items();
        tuple.items.addAll(items);
        return tuple;
    }

    private List<Object> popToMark() throws FormatException {
        int mark = stack.size() - 1;
        while (mark >= 0 && stack.get(mark) != MARK) mark--;
        if (mark < 0) throw bad("closes a list that was not opened");
        List<Object> popped = popLast(stack.size() - mark - 1);
        stack.removeLast();
        return popped;
    }

    private List<Object> popLast(int count) throws FormatException {
        if (stack.size() < count) throw bad("takes more from its stack than there is");
        List<Object> last = stack.subList(stack.size() - count, stack.size());
        List<Object> popped = new ArrayList<>(last);
        last.clear();
        if (popped.contains(MARK)) throw bad("uses a mark as a value");
        return popped;
    }

    private Object pop() throws FormatException {
        Object value = peek();
        stack.removeLast();
        return value;
    }

    private Object peek() throws FormatException {
        if (stack.isEmpty()) throw bad("takes more from its stack than there is");
        return stack.getLast();
    }

    private Object remembered(int index) throws FormatException {
        Object value = memo.get(index);
        if (value == null) throw bad("recalls a value it did not store");
        return value;
    }

    private String line() throws FormatException {
        int start = code.position();
        while (code.get() != '\n')
            if (code.position() - start > 1000) throw bad("has a name of more than 1000 characters");
        return new String(
                code.array(), code.arrayOffset() + start, code.position() - 1 - start, StandardCharsets.UTF_8);
    }

    private String text(long length) throws FormatException {
        if (length < 0 || length > code.remaining()) throw bad("has a text that does not end within it");
        var text = new String(code.array(), code.arrayOffset() + code.position(), (int) length, StandardCharsets.UTF_8);
        code.position(code.position() + (int) length);
        return text;
    }

    private long longOf(int bytes) throws FormatException {
        if (bytes > 8) throw bad("has a number of " + bytes + " bytes");
        long value = 0;
        for (int i = 0; i < bytes; i++) value |= (code.get() & 0xFFL) << 8 * i;
        return bytes == 0 ? 0 : value << 64 - 8 * bytes >> 64 - 8 * bytes;
    }

    private List<Object> items(Object value) throws FormatException {
        if (value instanceof Items list) return list.items;
        throw bad("has something else where a tuple belongs");
    }

    private String string(Object value) throws FormatException {
        if (value instanceof String text) return text;
        throw bad("has something else where a text belongs");
    }

    private long number(Object value) throws FormatException {
        if (value instanceof Long number && number >= 0) return number;
        throw bad("has something else where a size or offset belongs");
    }

    private long[] longs(Object tuple) throws FormatException {
        List<Object> items = items(tuple);
        if (items.size() > MOST_DIMENSIONS)
            throw bad("describes a tensor of more than " + MOST_DIMENSIONS + " dimensions");
        long[] longs = new long[items.size()];
        for (int i = 0; i < longs.length; i++) longs[i] = number(items.get(i));
        return longs;
    }

    private FormatException bad(String what) {
        return new FormatException(file + ": its pickle " + what);
    }
}
