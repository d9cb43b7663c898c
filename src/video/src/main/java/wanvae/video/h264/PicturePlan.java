package wanvae.video.h264;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How a picture is to be coded, and what came of it. */
final class PicturePlan {
    final SourcePicture source;
    final SliceType type;
    /** Whether other pictures refer to it. */
    final boolean isReference;
    /** Its place in decoding order, from 0. */
    final int decodingOrder;
    /** How many reference pictures come before it in decoding order, from the IDR picture on. */
    final int frameNum;
    /** Picture order count: twice the place in display order, from the IDR picture on. */
    final int order;

    /** Pictures referred to: those shown before it and those shown after it, the nearest first. */
    List<PicturePlan> before, after;
    /** Whether decoders would make another list 0 of the pictures they hold, unless the slice header tells. */
    boolean modifiesList;

    /** Quantiser of each macroblock in raster order, and their mean. */
    byte[] qps;

    int qp;
    /** That of the group, from which {@link #qps} were derived. */
    double quantizer;

    /** Is complete with the NAL unit. */
    final CompletableFuture<byte[]> coded = new CompletableFuture<>();

    Reconstruction reconstruction;

    PicturePlan(SourcePicture source, SliceType type, boolean isReference, int decodingOrder, int frameNum, int order) {
        this.source = source;
        this.type = type;
        this.isReference = isReference;
        this.decodingOrder = decodingOrder;
        this.frameNum = frameNum;
        this.order = order;
        before = List.of();
        after = List.of();
    }

    boolean isIdr() {
        return type == SliceType.I;
    }

    /** The pictures referred to as they were reconstructed. */
    ReferenceLists references() {
        return new ReferenceLists(order, reconstructions(before), reconstructions(after));
    }

    private static Reconstruction[] reconstructions(List<PicturePlan> plans) {
        return plans.stream().map(plan -> plan.reconstruction).toArray(Reconstruction[]::new);
    }

    /** Lets go of the pictures referred to, once this one is coded. */
    void release() {
        before = null;
        after = null;
    }
}
