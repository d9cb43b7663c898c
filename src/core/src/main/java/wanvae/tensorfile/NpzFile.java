package wanvae.tensorfile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A NumPy .npz file, by {@code numpy.savez} or {@code savez_compressed}: a zip archive of .npy files, each a tensor
 * under its name without the ending. A compressed array is inflated as it is read; if runs of its elements are read in
 * ascending order, one pass does.
 */
public final class NpzFile extends ViewedFile {
    private static final String ENDING = ".npy";
    private static final int MOST_ARRAYS = 10_000;

    private final List<MemberBytes> members = new ArrayList<>();

    static boolean isOne(Map<String, ZipDirectory.Entry> entries) {
        return entries.keySet().stream().anyMatch(name -> name.endsWith(ENDING));
    }

    /** Takes ownership of the file, but does not close it when it throws. */
    NpzFile(Bytes file, Map<String, ZipDirectory.Entry> entries) throws IOException {
        super(file);
        if (entries.size() > MOST_ARRAYS)
            throw new FormatException(
                    name() + ": holds " + entries.size() + " arrays, expected at most " + MOST_ARRAYS);
        for (ZipDirectory.Entry entry : entries.values()) {
            if (!entry.name().endsWith(ENDING)) continue;
            String tensor = entry.name().substring(0, entry.name().length() - ENDING.length());
            NpyArray array;
            try (MemberBytes member = MemberBytes.of(file, entry)) { // whose inflater begins anew when it is read
                if (!NpyArray.begins(
                        member.read(0, (int) Math.min(6, member.size())).array()))
                    throw new FormatException(member.name() + " is no .npy file");
                array = NpyArray.of(member, tensor);
                members.add(member);
            }
            if (array.view() == null) {
                unreadable.put(tensor, array.type());
                continue;
            }
            add(array.view());
        }
    }

    @Override
    public void close() throws IOException {
        members.forEach(MemberBytes::close);
        super.close();
    }
}
