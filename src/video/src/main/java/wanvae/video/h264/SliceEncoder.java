package wanvae.video.h264;

import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;

/** Codes a picture as one slice: header, macroblocks in raster order, then the loop filter over its reconstruction. */
final class SliceEncoder {
    private final MbGrid grid;
    private final ByteBuffer payload;
    private final Effort effort;
    /** Where the last slice left them. */
    final BinCounter contexts;
    /** Of pictures that no others refer to, one after the other. */
    private Reconstruction unreferenced;

    SliceEncoder(H264Config config) {
        effort = config.effort();
        contexts = new BinCounter(config.chroma());
        grid = new MbGrid(config.chroma(), config.widthInMbs(), config.heightInMbs());
        // A macroblock of noise at QP 0 takes about 8 bits a sample; four times that leaves room for the worst of
        // predictions.
        payload = ByteBuffer.allocate(grid.width * grid.height * grid.format.samples() * 4 + 1024);
    }

    /**
     * Where a picture is to be reconstructed; if no others refer to it, the next one that none refers to takes its place.
     */
    Reconstruction reconstruction(PicturePlan plan) {
        if (plan.isReference) return new Reconstruction(grid.format, 16 * grid.width, 16 * grid.height);
        if (unreferenced == null) unreferenced = new Reconstruction(grid.format, 16 * grid.width, 16 * grid.height);
        return unreferenced;
    }

    /**
     * Codes a picture, and leaves in {@code picture} what decoders see of it; the pictures it refers to are complete.
     *
     * @throws CancellationException if the thread is interrupted
     */
    byte[] encode(PicturePlan plan, Reconstruction picture) {
        payload.clear();
        SliceHeader.write(plan, payload);

        grid.clear();
        contexts.initialize(plan.type == SliceType.I, plan.qp);
        BinWriter binWriter = new BinWriter(payload, contexts);
        Bins bins = new Bins(grid.format);
        ReferenceLists references = plan.references();
        MacroblockWriter writer = new MacroblockWriter(grid, plan.type, references.count(0), references.count(1));
        ModeDecision decision = new ModeDecision(
                plan.source,
                picture,
                references,
                plan.type,
                grid,
                new MacroblockCoder(plan.source, picture, references, grid, contexts, Lambda.ssd(plan.type)),
                writer,
                effort);
        int previousQp = plan.qp;
        boolean previousDelta = false;
        for (int y = 0; y < grid.height; y++) {
            if (Thread.currentThread().isInterrupted()) throw new CancellationException();
            for (int x = 0; x < grid.width; x++) {
                decision.decide(x, y, plan.qps[y * grid.width + x], contexts, previousQp, previousDelta);
                Macroblock m = decision.best();
                bins.clear();
                writer.write(bins, m, previousQp, previousDelta);
                bins.terminate(y == grid.height - 1 && x == grid.width - 1 ? 1 : 0);
                binWriter.write(bins);
                previousDelta = m.hasResidual() && m.qp != previousQp;
                if (m.hasResidual()) previousQp = m.qp;
                grid.qp[grid.mb(x, y)] = (byte) previousQp;
            }
        }
        Deblocking.filter(grid, picture);
        picture.order = plan.order;
        if (plan.isReference) picture.keepMotion(grid, references);
        return NalUnit.of(plan.isIdr() ? NalUnit.IDR_SLICE : NalUnit.SLICE, priority(plan), payload.flip());
    }

    /** nal_ref_idc; only whether it is 0 matters to decoders. */
    private static int priority(PicturePlan plan) {
        return plan.isIdr() ? 3 : plan.type == SliceType.P ? 2 : plan.isReference ? 1 : 0;
    }
}
