package wanvae.video.movie;

import java.util.Arrays;
import java.util.BitSet;

/** Sizes, places and times of a track's samples, in the order of decoding. Immutable. */
public final class SampleTable {
    private static final int MOST_SAMPLES = 1 << 26;

    private final int[] sizes;
    private final long[] offsets;
    private final long[] times;
    private final int[] delays;
    /** Null: all are key samples. */
    private final BitSet keys;

    private SampleTable(int[] sizes, long[] offsets, long[] times, int[] delays, BitSet keys) {
        this.sizes = sizes;
        this.offsets = offsets;
        this.times = times;
        this.delays = delays;
        this.keys = keys;
    }

    static SampleTable read(Box table, long fileSize) throws DamagedMovieException {
        int[] sizes = sizes(table.inside("stsz"), fileSize);
        long[] offsets = offsets(table, sizes);
        for (int i = 0; i < sizes.length; i++)
            if (offsets[i] < 0 || sizes[i] < 0 || sizes[i] > fileSize - offsets[i])
                throw new DamagedMovieException(
                        "sample " + i + " of a track lies beyond the end of the file, which was cut");
        return new SampleTable(
                sizes, offsets, times(table.inside("stts"), sizes.length), delays(table, sizes.length), keys(table));
    }

    private static int[] sizes(Box box, long fileSize) throws DamagedMovieException {
        int common = box.intAt(4);
        if (common == 0) {
            int[] sizes = new int[box.entries(8, 4)];
            for (int i = 0; i < sizes.length; i++) sizes[i] = box.intAt(12 + 4 * i);
            return sizes;
        }
        long count = Integer.toUnsignedLong(box.intAt(8));
        if (common < 0 || count * common > fileSize || count > MOST_SAMPLES)
            throw new DamagedMovieException("its index claims " + count + " samples of "
                    + Integer.toUnsignedString(common) + " bytes, more than can be");
        int[] sizes = new int[(int) count];
        Arrays.fill(sizes, common);
        return sizes;
    }

    private static long[] offsets(Box table, int[] sizes) throws DamagedMovieException {
        boolean wide = table.child("co64") != null;
        Box places = table.inside(wide ? "co64" : "stco");
        int chunks = places.entries(4, wide ? 8 : 4);
        Box lengths = table.inside("stsc");
        int runs = lengths.entries(4, 12);
        long[] offsets = new long[sizes.length];
        int sample = 0;
        for (int chunk = 0, run = -1; chunk < chunks && sample < sizes.length; chunk++) {
            while (run + 1 < runs && lengths.intAt(8 + 12 * (run + 1)) <= chunk + 1) run++;
            if (run < 0) break;
            long at = wide ? places.longAt(8 + 8 * chunk) : Integer.toUnsignedLong(places.intAt(8 + 4 * chunk));
            for (int left = lengths.intAt(12 + 12 * run); left > 0 && sample < sizes.length; left--) {
                offsets[sample] = at;
                at += sizes[sample++];
            }
        }
        if (sample < sizes.length)
            throw new DamagedMovieException(
                    "its index is damaged: it tells sizes of " + sizes.length + " samples and places of " + sample);
        return offsets;
    }

    private static long[] times(Box box, int samples) throws DamagedMovieException {
        int runs = box.entries(4, 8);
        long[] times = new long[samples + 1];
        int sample = 0;
        for (int run = 0; run < runs; run++)
            for (int left = box.intAt(8 + 8 * run); left > 0 && sample < samples; left--, sample++)
                times[sample + 1] = times[sample] + Integer.toUnsignedLong(box.intAt(12 + 8 * run));
        if (sample < samples)
            throw new DamagedMovieException(
                    "its index is damaged: it tells sizes of " + samples + " samples and times of " + sample);
        return times;
    }

    private static int[] delays(Box table, int samples) throws DamagedMovieException {
        int[] delays = new int[samples];
        Box box = table.child("ctts");
        if (box == null) return delays;
        int runs = box.entries(4, 8);
        int sample = 0;
        for (int run = 0; run < runs; run++)
            for (int left = box.intAt(8 + 8 * run); left > 0 && sample < samples; left--)
                delays[sample++] = box.intAt(12 + 8 * run);
        return delays;
    }

    private static BitSet keys(Box table) throws DamagedMovieException {
        Box box = table.child("stss");
        if (box == null) return null;
        BitSet keys = new BitSet();
        int count = box.entries(4, 4);
        for (int i = 0; i < count; i++) {
            int number = box.intAt(8 + 4 * i);
            if (number > 0 && number <= MOST_SAMPLES) keys.set(number - 1);
        }
        return keys;
    }

    /** How many samples there are. */
    public int count() {
        return sizes.length;
    }

    /** In bytes. */
    public int size(int sample) {
        return sizes[sample];
    }

    /** In bytes from the beginning of the file. */
    public long offset(int sample) {
        return offsets[sample];
    }

    /** When a sample is decoded, in the track's units of time from the first one. */
    public long decodeTime(int sample) {
        return times[sample];
    }

    /** How long a sample lasts, in the track's units of time. */
    public long duration(int sample) {
        return times[sample + 1] - times[sample];
    }

    /** When a sample is shown, in the units of {@link #decodeTime}. */
    public long time(int sample) {
        return times[sample] + delays[sample];
    }

    /** Whether decoding can start at a sample. */
    public boolean isKey(int sample) {
        return keys == null || keys.get(sample);
    }
}
