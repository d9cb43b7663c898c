package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What torch.save wrote before version 1.6, and writes with {@code _use_new_zipfile_serialization=False}: five pickles
 * — a magic number, the version of the protocol, the writer's machine, the object, the keys of its storages — and then
 * the storages in the order of these keys, each a 64-bit number of elements and the elements. Source: {@code
 * _legacy_save} of torch/serialization.py.
 */
final class LegacyTorch {
    /** The first pickle: protocol 2, a number of ten bytes. */
    private static final byte[] MAGIC = {
        (byte) 0x80,
        2,
        (byte) 0x8a,
        10,
        0x6c,
        (byte) 0xfc,
        (byte) 0x9c,
        0x46,
        (byte) 0xf9,
        0x20,
        0x6a,
        (byte) 0xa8,
        0x50,
        0x19,
        '.'
    };

    private static final long PROTOCOL = 1001;
    private static final int LONGEST_PICKLES = 32 << 20;
    private static final Map<String, Integer> ELEMENT_BYTES = Map.ofEntries(
            Map.entry("DoubleStorage", 8),
            Map.entry("LongStorage", 8),
            Map.entry("ComplexFloatStorage", 8),
            Map.entry("ComplexDoubleStorage", 16),
            Map.entry("FloatStorage", 4),
            Map.entry("IntStorage", 4),
            Map.entry("HalfStorage", 2),
            Map.entry("BFloat16Storage", 2),
            Map.entry("ShortStorage", 2),
            Map.entry("CharStorage", 1),
            Map.entry("ByteStorage", 1),
            Map.entry("BoolStorage", 1),
            Map.entry("UntypedStorage", 1));

    private LegacyTorch() {}

    static boolean begins(byte[] start) {
        return start.length >= 4 && Arrays.equals(start, 0, 4, MAGIC, 0, 4);
    }

    static TorchFile.Contents read(Bytes file) throws IOException {
        ByteBuffer code = file.read(0, (int) Math.min(file.size(), LONGEST_PICKLES));
        if (code.remaining() < MAGIC.length || !ByteBuffer.wrap(MAGIC).equals(code.slice(0, MAGIC.length)))
            throw bad(file, "begins with another magic number than torch's");
        code.position(MAGIC.length);
        if (!(next(code, file).root() instanceof Long protocol) || protocol != PROTOCOL)
            throw bad(file, "is of another protocol than " + PROTOCOL);
        ByteOrder order = next(code, file).root() instanceof TorchPickle.Dict machine
                        && Boolean.FALSE.equals(machine.entries.get("little_endian"))
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
        TorchPickle.Contents object = next(code, file);
        if (!(next(code, file).root() instanceof TorchPickle.Items keys))
            throw bad(file, "has no list of the keys of its storages");
        var storages = new HashMap<String, TorchFile.Place>();
        long position = code.position();
        for (Object key : keys.items) {
            TorchPickle.Storage storage =
                    key instanceof String name ? object.storages().get(name) : null;
            if (storage == null || storages.containsKey(storage.key()))
                throw bad(file, "lists a storage that its object does not have, or one twice");
            long elements = file.read(position, 8).order(order).getLong();
            long available = file.size() - position - 8;
            int bytes = ELEMENT_BYTES.get(storage.type());
            if (elements != storage.elements() || elements > available / bytes) {
                throw bad(
                        file,
                        "is damaged: storage " + FormatException.quote(storage.key()) + " has " + elements
                                + " elements where " + storage.elements() + " are described and " + available
                                + " bytes left");
            }
            storages.put(storage.key(), new TorchFile.Place(position + 8, elements * bytes));
            position += 8 + elements * bytes;
        }
        return new TorchFile.Contents(object.root(), storages, order);
    }

    private static TorchPickle.Contents next(ByteBuffer code, Bytes file) throws FormatException {
        return TorchPickle.read(code, file.name());
    }

    private static FormatException bad(Bytes file, String what) {
        return new FormatException(file.name() + ": a torch file from before version 1.6 that " + what);
    }
}
