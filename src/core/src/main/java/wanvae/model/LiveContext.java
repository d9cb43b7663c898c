package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import wanvae.kernel.Attention;
import wanvae.kernel.AvgDown3D;
import wanvae.kernel.DupUp3D;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.kernel.GroupNorm;
import wanvae.kernel.PixelShuffle;
import wanvae.kernel.RmsNorm;
import wanvae.kernel.SoftClamp;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.runtime.Team;

/** Runs the operations on a team of threads. */
public final class LiveContext implements ForwardContext {
    private final Team team;
    private final Workspace workspace;
    private final FramePool pool;
    private final LongConsumer progress;

    /**
     * @param team      threads that compute
     * @param workspace scratch of this team
     * @param pool      as large as a dry run of the same network and clip requires
     * @param progress  told the operations of each layer that is done
     */
    public LiveContext(Team team, Workspace workspace, FramePool pool, LongConsumer progress) {
        this.team = team;
        this.workspace = workspace;
        this.pool = pool;
        this.progress = progress;
    }

    @Override
    public FramePool pool() {
        return pool;
    }

    @Override
    public void run(ConvLayer layer, Frames in, Epilogue epilogue) {
        run(layer, in, null, epilogue);
    }

    @Override
    public void run(
            ConvLayer layer, Frames in, GroupNormWeights norm, GroupMoments moments, boolean silu, Epilogue epilogue) {
        MemorySegment affine = pool.acquire(GroupNorm.bytes(in.channels()), false);
        run(
                layer,
                in,
                new GroupNorm(moments, norm.weight(), norm.bias(), GroupNormWeights.EPSILON, silu, affine),
                epilogue);
        pool.release(affine);
    }

    private void run(ConvLayer layer, Frames in, GroupNorm norm, Epilogue epilogue) {
        MemorySegment weights = pool.acquireTransformed(layer.kernel(), in);
        layer.kernel().run(team, weights == null ? workspace : workspace.with(weights), in, norm, epilogue);
        pool.release(weights);
        progress.accept(layer.kernel().operations(epilogue));
    }

    @Override
    public void sumTimeTaps(Frames parts, MemorySegment bias, Frames out) {
        TimeTaps.sum(team, parts, bias, out);
    }

    @Override
    public void attention(Frames q, Frames k, Frames v, Frames out) {
        for (int t = 0; t < q.count(); t++) Attention.run(team, workspace, q, k, v, out, t, t, t + 1);
        progress.accept(Attention.operations(q, false));
    }

    @Override
    public void causalAttention(Frames q, Frames k, Frames v, Frames out) {
        for (int t = 0; t < q.count(); t++) Attention.run(team, workspace, q, k, v, out, t, 0, t + 1);
        progress.accept(Attention.operations(q, true));
    }

    @Override
    public void dupUp(Frames in, int first, int factorT, Frames out, Window window) {
        DupUp3D.run(team, in, first, factorT, out, window);
    }

    @Override
    public void softClamp(Frames frames) {
        SoftClamp.run(team, frames);
    }

    @Override
    public void pixelShuffle(Frames in, int factor, Frames out) {
        PixelShuffle.run(team, in, factor, out);
    }

    @Override
    public void avgDown(Frames in, int factorT, int factorS, boolean adds, Frames out, Window window) {
        AvgDown3D.run(team, in, factorT, factorS, adds, out, window);
    }

    @Override
    public void normalise(Frames in, MemorySegment gamma, boolean silu, Frames out) {
        RmsNorm.run(team, in, gamma, silu, out);
    }

    @Override
    public void copy(Frames target, Frames source, Window pixels) {
        target.copy(team, source, pixels);
    }

    @Override
    public int available(StageSource source, int first, int most) throws IOException {
        return source.available(first, most);
    }

    @Override
    public void read(StageSource source, int first, StageOutput target) throws IOException {
        source.read(first, target);
    }

    @Override
    public void deliver(StageSink sink, int first, StageOutput output) throws IOException {
        sink.accept(first, output);
    }
}
