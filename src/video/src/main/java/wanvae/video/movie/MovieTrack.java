package wanvae.video.movie;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A track of a movie.
 *
 * @param handler   what it holds: {@code vide}, {@code soun} or another four characters
 * @param codec     the coding of its samples, four characters such as {@code avc1}; empty if the file does not say
 * @param entry     the sample description behind its type, read only
 * @param boxes     the boxes in that description by type, such as {@code avcC}; also those of QuickTime's {@code wave}
 * @param timescale units of its time in a second, at least 1
 * @param edits     the parts of it that are shown; empty: all
 * @param samples   sizes, places and times
 */
public record MovieTrack(
        String handler,
        String codec,
        ByteBuffer entry,
        Map<String, byte[]> boxes,
        int timescale,
        List<Edit> edits,
        SampleTable samples) {
    private static final int PICTURE_ENTRY = 78, SOUND_ENTRY = 28;
    /** Bytes that versions 0, 1 and 2 of QuickTime's sound description add. */
    private static final int[] SOUND_EXTRA = {0, 16, 36};

    /**
     * A part of the track.
     *
     * @param duration  seconds
     * @param mediaTime where the part begins, in the track's units of time; -1: nothing is shown
     * @param plain     whether it is shown at its own speed
     */
    public record Edit(double duration, long mediaTime, boolean plain) {}

    static MovieTrack read(Box trak, int movieTimescale, long fileSize) throws DamagedMovieException {
        Box media = trak.inside("mdia");
        Box header = media.inside("mdhd");
        int timescale = header.intAt(header.byteAt(0) == 1 ? 20 : 12);
        if (timescale < 1) throw new DamagedMovieException("its index is damaged: a track has no units of time");
        String handler = Box.type(media.inside("hdlr").from(8), 0);
        Box table = media.inside("minf", "stbl");
        List<Box> entries = Box.children(table.inside("stsd").from(8));
        Box entry = entries.isEmpty() ? new Box("", ByteBuffer.allocate(0)) : entries.getFirst();
        return new MovieTrack(
                handler,
                entry.type(),
                entry.content().asReadOnlyBuffer(),
                boxes(entry, handler),
                timescale,
                edits(trak, movieTimescale),
                SampleTable.read(table, fileSize));
    }

    private static Map<String, byte[]> boxes(Box entry, String handler) throws DamagedMovieException {
        Map<String, byte[]> boxes = new TreeMap<>();
        if (entry.type().isEmpty()) return boxes;
        int size = switch (handler) {
            case "vide" -> PICTURE_ENTRY;
            case "soun" -> SOUND_ENTRY + SOUND_EXTRA[Math.min(2, entry.shortAt(8))];
            default -> entry.content().limit();
        };
        if (size > entry.content().limit())
            throw new DamagedMovieException("its index is damaged: the description '" + entry.type() + "' has only "
                    + entry.content().limit() + " bytes");
        if (size < entry.content().limit()) collect(entry.from(size), boxes);
        return boxes;
    }

    private static void collect(ByteBuffer bytes, Map<String, byte[]> boxes) throws DamagedMovieException {
        for (Box box : Box.children(bytes)) {
            byte[] content = new byte[box.content().limit()];
            box.content().get(0, content);
            boxes.putIfAbsent(box.type(), content);
            if (box.type().equals("wave")) collect(box.content(), boxes);
        }
    }

    private static List<Edit> edits(Box trak, int movieTimescale) throws DamagedMovieException {
        Box list = trak.child("edts") == null ? null : trak.child("edts").child("elst");
        if (list == null) return List.of();
        boolean wide = list.byteAt(0) == 1;
        int count = list.entries(4, wide ? 20 : 12);
        List<Edit> edits = new ArrayList<>();
        for (int i = 0, at = 8; i < count; i++, at += wide ? 20 : 12) {
            long duration = wide ? list.longAt(at) : Integer.toUnsignedLong(list.intAt(at));
            long time = wide ? list.longAt(at + 8) : list.intAt(at + 4);
            edits.add(new Edit(
                    (double) duration / Math.max(1, movieTimescale),
                    Math.max(-1, time),
                    list.intAt(at + (wide ? 16 : 8)) == 0x10000));
        }
        return List.copyOf(edits);
    }
}
