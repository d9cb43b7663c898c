package wanvae.video.container;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A box of an MP4 in memory, to look into it. */
public record Boxes(ByteBuffer file, String type, int start, int end) {
    /** The boxes of a whole file. */
    public static List<Boxes> of(byte[] file) {
        return list(ByteBuffer.wrap(file), 0, file.length);
    }

    private static List<Boxes> list(ByteBuffer file, int from, int to) {
        List<Boxes> boxes = new ArrayList<>();
        for (int at = from; at < to; ) {
            byte[] type = new byte[4];
            file.get(at + 4, type);
            int size = file.getInt(at);
            boxes.add(new Boxes(file, new String(type, StandardCharsets.US_ASCII), at, at + size));
            at += size;
        }
        return boxes;
    }

    /** The types of all boxes of a file, with a space between them. */
    public static String types(byte[] file) {
        return String.join(" ", of(file).stream().map(Boxes::type).toList());
    }

    /** A box inside boxes; sizes of what precedes the inner boxes are known for a few types. */
    public Boxes inside(String... path) {
        Boxes box = this;
        for (String type : path) {
            int header = switch (box.type) {
                case "stsd" -> 16;
                case "avc1", "apch", "ap4h" -> 86;
                default -> 8;
            };
            box = list(file, box.start + header, box.end).stream()
                    .filter(inner -> inner.type.equals(type))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + type));
        }
        return box;
    }

    /** All boxes of this type directly inside. */
    public List<Boxes> all(String type) {
        return list(file, start + 8, end).stream()
                .filter(inner -> inner.type.equals(type))
                .toList();
    }

    /** Whether there is a box of this type among those directly inside. */
    public boolean has(String type) {
        return list(file, start + 8, end).stream().anyMatch(inner -> inner.type.equals(type));
    }

    /** Four bytes at a distance from the box's beginning. */
    public int intAt(int offset) {
        return file.getInt(start + offset);
    }

    /** Eight bytes at a distance from the box's beginning. */
    public long longAt(int offset) {
        return file.getLong(start + offset);
    }

    /** Two bytes at a distance from the box's beginning. */
    public int shortAt(int offset) {
        return file.getShort(start + offset) & 0xffff;
    }
}
