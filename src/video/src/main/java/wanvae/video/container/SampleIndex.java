package wanvae.video.container;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.ChunkOffsets64Box;
import org.jcodec.containers.mp4.boxes.ChunkOffsetsBox;
import org.jcodec.containers.mp4.boxes.CompositionOffsetsBox;
import org.jcodec.containers.mp4.boxes.SampleSizesBox;
import org.jcodec.containers.mp4.boxes.SampleToChunkBox;
import org.jcodec.containers.mp4.boxes.SampleToChunkBox.SampleToChunkEntry;
import org.jcodec.containers.mp4.boxes.SyncSamplesBox;
import org.jcodec.containers.mp4.boxes.TimeToSampleBox;
import org.jcodec.containers.mp4.boxes.TimeToSampleBox.TimeToSampleEntry;

/**
 * Sizes, places and key frames of a track's samples. The samples of a chunk lie one behind another. Memory holds four
 * bytes for each sample, and nothing for samples that are all of one size.
 */
final class SampleIndex {
    private static final long LARGEST_32_BITS = 0xffff_ffffL;

    private final int sampleDuration;
    private int samples;
    /** The size of the first sample. */
    private int commonSize;
    /** Null as long as all samples have the common size. */
    private int[] sizes;

    private final List<Chunk> chunks = new ArrayList<>();
    private int[] keys = new int[16];
    private int keyCount;
    private boolean allKeys = true;
    /** Runs of samples with the same delay. */
    private final List<CompositionOffsetsBox.Entry> delays = new ArrayList<>();

    /** @param offset of its first byte from the first sample of the movie */
    private record Chunk(long offset, int firstSample) {}

    /** @param sampleDuration in the track's units of time */
    SampleIndex(int sampleDuration) {
        this.sampleDuration = sampleDuration;
    }

    /**
     * The samples from here on lie elsewhere.
     *
     * @param offset from the first sample of the movie
     */
    void beginChunk(long offset) {
        chunks.add(new Chunk(offset, samples));
    }

    /**
     * The next sample of the current chunk.
     *
     * @param delay in samples
     */
    void add(int size, int delay, boolean key) {
        int offset = delay * sampleDuration;
        if (delays.isEmpty() || delays.getLast().offset != offset)
            delays.add(new CompositionOffsetsBox.Entry(0, offset));
        delays.getLast().count++;
        addSize(size);
        if (!key && allKeys) {
            allKeys = false;
            for (int before = 1; before <= samples; before++) addKey(before);
        }
        samples++;
        if (key && !allKeys) addKey(samples);
    }

    private void addSize(int size) {
        if (samples == 0) commonSize = size;
        if (sizes == null) {
            if (size == commonSize) return;
            sizes = new int[Math.max(256, 2 * samples)];
            Arrays.fill(sizes, 0, samples, commonSize);
        }
        if (samples == sizes.length) sizes = Arrays.copyOf(sizes, 2 * samples);
        sizes[samples] = size;
    }

    /** @param number of the sample, counted from 1 */
    private void addKey(int number) {
        if (keyCount == keys.length) keys = Arrays.copyOf(keys, 2 * keyCount);
        keys[keyCount++] = number;
    }

    int samples() {
        return samples;
    }

    /** Of all samples, in the track's units of time. */
    long duration() {
        return (long) samples * sampleDuration;
    }

    /**
     * The boxes of {@code stbl} that follow the sample description.
     *
     * @param start where the movie's first sample lies in the file
     * @param end   where its last sample ends
     */
    List<Box> boxes(long start, long end) {
        Box times = TimeToSampleBox.createTimeToSampleBox(
                samples == 0
                        ? new TimeToSampleEntry[0]
                        : new TimeToSampleEntry[] {new TimeToSampleEntry(samples, sampleDuration)});
        List<Box> boxes = new ArrayList<>(List.of(times));
        if (!allKeys) boxes.add(SyncSamplesBox.createSyncSamplesBox(Arrays.copyOf(keys, keyCount)));
        if (delays.stream().anyMatch(run -> run.offset != 0))
            boxes.add(CompositionOffsetsBox.createCompositionOffsetsBox(
                    delays.toArray(CompositionOffsetsBox.Entry[]::new)));
        boxes.add(SampleToChunkBox.createSampleToChunkBox(chunkLengths()));
        boxes.add(
                sizes == null && samples > 0
                        ? SampleSizesBox.createSampleSizesBox(commonSize, samples)
                        : SampleSizesBox.createSampleSizesBox2(
                                sizes == null ? new int[0] : Arrays.copyOf(sizes, samples)));
        long[] offsets =
                chunks.stream().mapToLong(chunk -> start + chunk.offset).toArray();
        boxes.add(
                end > LARGEST_32_BITS
                        ? ChunkOffsets64Box.createChunkOffsets64Box(offsets)
                        : ChunkOffsetsBox.createChunkOffsetsBox(offsets));
        return boxes;
    }

    /** Runs of chunks with the same number of samples. */
    private SampleToChunkEntry[] chunkLengths() {
        List<SampleToChunkEntry> runs = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            int end = i + 1 < chunks.size() ? chunks.get(i + 1).firstSample : samples;
            int length = end - chunks.get(i).firstSample;
            if (runs.isEmpty() || runs.getLast().getCount() != length)
                runs.add(new SampleToChunkEntry(i + 1, length, 1));
        }
        return runs.toArray(SampleToChunkEntry[]::new);
    }
}
