package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What torch.save writes since version 1.6: a zip archive, uncompressed, of a folder with the pickle {@code data.pkl}
 * and an entry {@code data/KEY} for each storage.
 */
final class TorchArchive {
    private static final String PICKLE = "data.pkl";
    private static final int LONGEST_PICKLE = 16 << 20;

    private TorchArchive() {}

    static TorchFile.Contents read(Bytes file, Map<String, ZipDirectory.Entry> entries) throws IOException {
        ZipDirectory.Entry pickle = null;
        for (ZipDirectory.Entry entry : entries.values()) {
            String name = entry.name();
            if (!entry.isStored()) {
                throw new FormatException(file.name() + ": entry " + FormatException.quote(name)
                        + " is compressed, expected it stored as torch.save does");
            }
            if (name.equals(PICKLE)
                    || name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1)
                pickle = entry;
        }
        if (pickle == null) {
            throw new FormatException(
                    file.name() + ": a zip archive without a " + PICKLE + ", which torch.save writes, or .npy files");
        }
        if (pickle.size() > LONGEST_PICKLE) {
            throw new FormatException(
                    file.name() + ": a pickle of " + pickle.size() + " bytes, expected at most " + LONGEST_PICKLE);
        }
        String folder = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
        if (entries.containsKey(folder + "constants.pkl")) {
            throw new FormatException(file.name()
                    + ": a program of TorchScript (torch.jit.save), expected tensors: torch.save its state_dict()");
        }
        var storages = new HashMap<String, TorchFile.Place>();
        String data = folder + "data/";
        for (ZipDirectory.Entry entry : entries.values()) {
            if (entry.name().startsWith(data)) {
                storages.put(entry.name().substring(data.length()), new TorchFile.Place(entry.offset(), entry.size()));
            }
        }
        ByteBuffer code = file.read(pickle.offset(), (int) pickle.size());
        return new TorchFile.Contents(
                TorchPickle.read(code, file.name()).root(),
                storages,
                byteOrder(file, entries.get(folder + "byteorder")));
    }

    private static ByteOrder byteOrder(Bytes file, ZipDirectory.Entry entry) throws IOException {
        if (entry == null || entry.size() > 16) return ByteOrder.LITTLE_ENDIAN;
        ByteBuffer text = file.read(entry.offset(), (int) entry.size());
        return StandardCharsets.US_ASCII.decode(text).toString().equals("big")
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
    }
}
