package wanvae.video.container;

import static wanvae.video.container.MovieBoxes.ascii;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.Header;
import wanvae.video.container.VideoTrack.Container;

/**
 * Writes metadata into the boxes where ffmpeg writes and reads it. Keys that players show have codes of four
 * characters, and go into iTunes' list in MP4 and into user data in QuickTime. All other keys go by their names into a
 * separate list, as ffmpeg's {@code -movflags use_metadata_tags} writes it.
 */
final class MetadataBoxes {
    /** Codes of the keys that ffmpeg knows; {@code @} stands for the copyright sign. */
    private static final Map<String, String> CODES = Map.ofEntries(
            Map.entry("title", "@nam"),
            Map.entry("artist", "@ART"),
            Map.entry("album_artist", "aART"),
            Map.entry("composer", "@wrt"),
            Map.entry("album", "@alb"),
            Map.entry("date", "@day"),
            Map.entry("encoder", "@too"),
            Map.entry("comment", "@cmt"),
            Map.entry("genre", "@gen"),
            Map.entry("copyright", "cprt"),
            Map.entry("grouping", "@grp"),
            Map.entry("lyrics", "@lyr"),
            Map.entry("description", "desc"),
            Map.entry("synopsis", "ldes"),
            Map.entry("show", "tvsh"),
            Map.entry("network", "tvnn"),
            Map.entry("keywords", "keyw"));

    private static final int UTF_8 = 1;
    private static final short UNDETERMINED_LANGUAGE = 0x55c4;

    private MetadataBoxes() {}

    /** The boxes for the end of {@code moov}. */
    static List<Box> of(Map<String, String> metadata, Container container) {
        Map<String, String> known = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        metadata.forEach((key, value) ->
                (isKnown(key, container) ? known : others).put(isKnown(key, container) ? CODES.get(key) : key, value));
        List<Box> boxes = new ArrayList<>();
        if (!known.isEmpty())
            boxes.add(leaf("udta", container == Container.MP4 ? iTunes(known) : concatenated(userData(known))));
        if (!others.isEmpty()) boxes.add(leaf("meta", named(others)));
        return boxes;
    }

    /** In QuickTime only the codes with a copyright sign are user data. */
    private static boolean isKnown(String key, Container container) {
        String code = CODES.get(key);
        return code != null && (container == Container.MP4 || code.startsWith("@"));
    }

    private static byte[] iTunes(Map<String, String> values) {
        List<byte[]> items = new ArrayList<>();
        values.forEach((code, value) -> items.add(box(code(code), data(value))));
        return box(ascii("meta"), new byte[4], handler("mdir", "appl"), box(ascii("ilst"), concatenated(items)));
    }

    private static List<byte[]> userData(Map<String, String> values) {
        List<byte[]> items = new ArrayList<>();
        values.forEach((code, value) -> {
            byte[] text = value.getBytes(StandardCharsets.UTF_8);
            ByteBuffer head =
                    ByteBuffer.allocate(4).putShort((short) text.length).putShort(UNDETERMINED_LANGUAGE);
            items.add(box(code(code), head.array(), text));
        });
        return items;
    }

    /**
     * A list of keys, and a list of values that refers to the keys by numbers from 1: QuickTime File Format,
     * "Metadata".
     */
    private static byte[] named(Map<String, String> values) {
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> items = new ArrayList<>();
        values.forEach((key, value) -> {
            keys.add(box(ascii("mdta"), key.getBytes(StandardCharsets.UTF_8)));
            items.add(box(number(keys.size()), data(value)));
        });
        return concatenated(List.of(
                new byte[4],
                handler("mdta", "\0\0\0\0"),
                box(ascii("keys"), new byte[4], number(keys.size()), concatenated(keys)),
                box(ascii("ilst"), concatenated(items))));
    }

    private static byte[] data(String value) {
        return box(ascii("data"), number(UTF_8), new byte[4], value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] handler(String type, String manufacturer) {
        return box(ascii("hdlr"), new byte[8], ascii(type), ascii(manufacturer), new byte[9]);
    }

    private static byte[] code(String code) {
        byte[] bytes = ascii(code);
        if (bytes[0] == '@') bytes[0] = (byte) 0xa9;
        return bytes;
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    /** Writes a box by hand, since jcodec's headers support ASCII only. */
    private static byte[] box(byte[] type, byte[]... content) {
        byte[] inner = concatenated(List.of(content));
        return ByteBuffer.allocate(8 + inner.length)
                .putInt(8 + inner.length)
                .put(type)
                .put(inner)
                .array();
    }

    private static byte[] concatenated(List<byte[]> parts) {
        ByteBuffer all =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(all::put);
        return all.array();
    }

    private static Box leaf(String type, byte[] content) {
        return Box.createLeafBox(new Header(type), ByteBuffer.wrap(content));
    }
}
