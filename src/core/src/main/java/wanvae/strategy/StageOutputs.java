package wanvae.strategy;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.StageOutput;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.runtime.Team;

/**
 * Whole pictures of all frames of one member at a boundary between stages: the stages before it fill them, the stages
 * behind it read them window by window.
 */
final class StageOutputs implements StageSink, StageSource {
    private final StageShape shape;
    private final MemorySegment memory;
    private final Team team;

    /** @param memory {@link #bytes} of memory; owned by the caller */
    StageOutputs(StageShape shape, MemorySegment memory, Team team) {
        this.shape = shape;
        this.memory = memory;
        this.team = team;
    }

    static long bytes(StageShape shape) {
        return shape.frames() * (shape.frameBytes() + shape.shortcutBytes());
    }

    @Override
    public void accept(int first, StageOutput output) {
        int count = output.frames().count();
        Window window = output.frames().window();
        frames(first, count).copy(team, output.frames(), window);
        if (output.shortcut() != null) shortcuts(first, count).copy(team, output.shortcut(), window);
    }

    @Override
    public void read(int first, StageOutput target) {
        int count = target.frames().count();
        Window window = target.frames().window();
        target.frames().copy(team, frames(first, count), window);
        if (target.shortcut() != null) target.shortcut().copy(team, shortcuts(first, count), window);
    }

    private Frames frames(int first, int count) {
        return frames(first, count, 0, shape.channels());
    }

    private Frames shortcuts(int first, int count) {
        return frames(first, count, shape.frameBytes(), shape.shortcutChannels());
    }

    /** @param offset where these channels begin within the memory of a frame */
    private Frames frames(int first, int count, long offset, int channels) {
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++)
            frames[i] = memory.asSlice(
                    (first + i) * (shape.frameBytes() + shape.shortcutBytes()) + offset,
                    Frames.bytes(shape.height(), shape.width(), channels));
        return new Frames(frames, shape.picture(), channels);
    }
}
