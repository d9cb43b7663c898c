package wanvae.strategy;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;

/**
 * Blends tiles in time into a video, frame by frame as they come. It keeps the last frames of this tile and of the tile
 * before, as they were after mixing.
 */
final class TimeBlend {
    private final TimePlan plan;
    private final PixelFormat format;
    private final int height, width;
    private final Team team;
    private final FrameSink sink;
    private final MemorySegment[] ends;
    private int member, tile, in, out;

    /** @param arena owner of {@link #bytes} of memory */
    TimeBlend(TimePlan plan, PixelFormat format, int height, int width, Arena arena, Team team, FrameSink sink) {
        this.plan = plan;
        this.format = format;
        this.height = height;
        this.width = width;
        this.team = team;
        this.sink = sink;
        ends = new MemorySegment[] {
            LargeMemory.allocate(arena, plan.overlap() * frameBytes()),
            LargeMemory.allocate(arena, plan.overlap() * frameBytes())
        };
    }

    static long bytes(TimePlan plan, PixelFormat format, int height, int width) {
        return 2L * plan.overlap() * format.bytes(height, width);
    }

    private long frameBytes() {
        return format.bytes(height, width);
    }

    /** Begins a tile. All its frames follow, the one that is dropped included. The tiles of a member come in order. */
    void begin(int member, int tile) {
        this.member = member;
        this.tile = tile;
        in = tile == 0 ? 0 : -1;
        if (tile == 0) out = 0;
    }

    /**
     * Takes the next frame of the tile.
     *
     * @param picture {@code [H][W][channels]} floats, mixed in place
     */
    void frame(MemorySegment picture) throws IOException {
        int i = in++, mixed = plan.mixed(tile), ending = plan.length(tile) - plan.overlap();
        if (i < 0) return;
        if (i < mixed)
            mix(
                    picture,
                    end(tile - 1, Math.min(plan.overlap(), plan.length(tile - 1)) - mixed + i),
                    (double) i / mixed);
        if (i >= Math.max(0, ending)) end(tile, i - Math.max(0, ending)).copyFrom(picture.asSlice(0, frameBytes()));
        if (i < plan.kept(tile)) sink.frame(member, out++, new Frame(height, width, picture));
    }

    /** One of the last frames of a tile. */
    private MemorySegment end(int tile, int i) {
        return ends[tile & 1].asSlice(i * frameBytes(), frameBytes());
    }

    private void mix(MemorySegment picture, MemorySegment before, double weight) {
        float old = (float) (1 - weight), mine = (float) weight;
        team.run(height, (y, worker) -> {
            long row = (long) format.channels() * width;
            for (long i = y * row; i < (y + 1) * row; i++)
                picture.setAtIndex(
                        JAVA_FLOAT_UNALIGNED,
                        i,
                        before.getAtIndex(JAVA_FLOAT_UNALIGNED, i) * old
                                + picture.getAtIndex(JAVA_FLOAT_UNALIGNED, i) * mine);
        });
    }
}
