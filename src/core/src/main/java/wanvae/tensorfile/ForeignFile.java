package wanvae.tensorfile;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Recognises by their first bytes files that were given in place of tensors, and says what they are. */
final class ForeignFile {
    /** Bytes that are looked at. */
    static final int LONGEST_START = 512;

    private ForeignFile() {}

    /**
     * Refuses a file of a known kind that holds no tensors.
     *
     * @param start the file's first bytes
     * @param name  what messages call the file
     */
    static void refuse(byte[] start, String name) throws FormatException {
        String kind = kind(start);
        if (kind != null) throw new FormatException(name + ": " + kind);
    }

    private static String kind(byte[] start) {
        if (start.length == 0) return "an empty file, expected tensors";
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String words = text.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("version https://git-lfs"))
            return "a Git LFS pointer, the name of a file that was not fetched: run git lfs pull, or download the file"
                    + " itself";
        if (words.startsWith("<!doctype") || words.startsWith("<html") || words.startsWith("<?xml"))
            return "a web page, saved in place of the file: download the file itself (on Hugging Face through"
                    + " /resolve/, not /blob/)";
        if (words.startsWith("{\"error") || words.startsWith("entry not found") || words.startsWith("invalid username"))
            return "a server's error message, saved in place of the file: download it again";
        if (text.startsWith("\u0080\u0003")
                || text.startsWith("\u0080\u0004")
                || text.startsWith("\u0080\u0005")
                || text.startsWith("\u0080\u0002"))
            return "a Python pickle, but none of torch.save's: save it by torch.save or as .safetensors or .npy";
        if (text.startsWith("\u001f\u008b")) return "a gzip archive: unpack it first";
        if (text.startsWith("7z\u00bc\u00af")) return "a 7z archive: unpack it first";
        if (text.startsWith("Rar!")) return "a RAR archive: unpack it first";
        if (text.startsWith("PK\u0005\u0006")) return "an empty zip archive";
        if (text.length() > 262 && text.startsWith("ustar", 257)) return "a tar archive: unpack it first";
        if (text.startsWith("\u0089HDF")) return "an HDF5 file: save the tensors as .safetensors or .npy";
        if (text.startsWith("\u0089PNG") || text.startsWith("\u00ff\u00d8\u00ff") || text.startsWith("GIF8"))
            return "a picture, expected tensors";
        if (text.startsWith("ftyp", 4) || text.startsWith("\u001aE\u00df\u00a3") || text.startsWith("RIFF"))
            return "a video, expected tensors";
        return null;
    }
}
