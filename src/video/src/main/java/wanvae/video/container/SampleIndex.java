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

/** Sizes and key frames of a track's samples, which lie one behind another in chunks of about a second. */
final class SampleIndex {
    private static final long LARGEST_32_BITS = 0xffff_ffffL;

    private final VideoTrack track;
    private int[] sizes = new int[256];
    private int samples;
    private long bytes;
    private int[] keys = new int[16];
    private int keyCount;
    /** Runs of samples with the same delay. */
    private final List<CompositionOffsetsBox.Entry> delays = new ArrayList<>();

    SampleIndex(VideoTrack track) {
        this.track = track;
    }

    void add(int size, int delay, boolean key) {
        int offset = delay * track.sampleDuration();
        if (delays.isEmpty() || delays.getLast().offset != offset)
            delays.add(new CompositionOffsetsBox.Entry(0, offset));
        delays.getLast().count++;

        if (samples == sizes.length) sizes = Arrays.copyOf(sizes, 2 * samples);
        sizes[samples++] = size;
        bytes += size;
        if (!key) return;
        if (keyCount == keys.length) keys = Arrays.copyOf(keys, 2 * keyCount);
        keys[keyCount++] = samples;
    }

    int samples() {
        return samples;
    }

    /** Size of all samples. */
    long bytes() {
        return bytes;
    }

    /**
     * The boxes of {@code stbl} that follow the sample description.
     *
     * @param start where the first sample lies in the file
     */
    List<Box> boxes(long start) {
        Box times = TimeToSampleBox.createTimeToSampleBox(
                samples == 0
                        ? new TimeToSampleEntry[0]
                        : new TimeToSampleEntry[] {new TimeToSampleEntry(samples, track.sampleDuration())});
        List<Box> boxes = new ArrayList<>(List.of(times));
        if (keyCount < samples) boxes.add(SyncSamplesBox.createSyncSamplesBox(Arrays.copyOf(keys, keyCount)));
        if (track.reordering() > 0)
            boxes.add(CompositionOffsetsBox.createCompositionOffsetsBox(
                    delays.toArray(CompositionOffsetsBox.Entry[]::new)));
        boxes.add(SampleToChunkBox.createSampleToChunkBox(chunkLengths()));
        boxes.add(SampleSizesBox.createSampleSizesBox2(Arrays.copyOf(sizes, samples)));
        boxes.add(offsets(start));
        return boxes;
    }

    private SampleToChunkEntry[] chunkLengths() {
        int most = track.samplesPerChunk();
        int whole = samples / most;
        int rest = samples % most;
        SampleToChunkEntry all = new SampleToChunkEntry(1, most, 1);
        SampleToChunkEntry last = new SampleToChunkEntry(whole + 1, rest, 1);
        if (rest == 0) return whole == 0 ? new SampleToChunkEntry[0] : new SampleToChunkEntry[] {all};
        return whole == 0 ? new SampleToChunkEntry[] {last} : new SampleToChunkEntry[] {all, last};
    }

    private Box offsets(long start) {
        int most = track.samplesPerChunk();
        long[] offsets = new long[Math.ceilDiv(samples, most)];
        long at = start;
        for (int i = 0; i < samples; i++) {
            if (i % most == 0) offsets[i / most] = at;
            at += sizes[i];
        }
        return start + bytes > LARGEST_32_BITS
                ? ChunkOffsets64Box.createChunkOffsets64Box(offsets)
                : ChunkOffsetsBox.createChunkOffsetsBox(offsets);
    }
}
