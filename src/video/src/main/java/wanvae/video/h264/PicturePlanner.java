package wanvae.video.h264;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts pictures into decoding order, and keeps account of those that decoders hold as references (8.2.4, 8.2.5). */
final class PicturePlanner {
    private final int references;
    /** In decoding order. */
    private final List<PicturePlan> held = new ArrayList<>();

    private int decoded, frameNum, firstNumber;

    /** @param references how many pictures list 0 has at most */
    PicturePlanner(int references) {
        this.references = references;
    }

    /** The pictures in decoding order. */
    List<PicturePlan> plan(MiniGop gop) {
        List<PicturePlan> plans = new ArrayList<>();
        SourcePicture last = gop.last();
        if (gop.before() == null) {
            held.clear();
            frameNum = 0;
            firstNumber = last.number;
            plans.add(plan(last, SliceType.I, true));
            return plans;
        }
        plans.add(plan(last, SliceType.P, true));
        int middle = gop.middle();
        if (middle >= 0) plans.add(plan(gop.pictures().get(middle), SliceType.B, true));
        for (int i = 0; i < gop.pictures().size() - 1; i++)
            if (i != middle) plans.add(plan(gop.pictures().get(i), SliceType.B, false));
        return plans;
    }

    private PicturePlan plan(SourcePicture source, SliceType type, boolean isReference) {
        PicturePlan plan =
                new PicturePlan(source, type, isReference, decoded++, frameNum, 2 * (source.number - firstNumber));
        if (type == SliceType.P) {
            // P pictures refer to no B picture, so that they can be coded before it is.
            plan.before = held.stream()
                    .filter(p -> p.type != SliceType.B)
                    .sorted(Comparator.comparingInt(p -> -p.frameNum))
                    .limit(references)
                    .toList();
            plan.dropped =
                    held.stream().filter(p -> p.type == SliceType.B).findAny().orElse(null);
            plan.modifiesList = plan.dropped != null;
        } else if (type == SliceType.B) {
            plan.before = held.stream()
                    .filter(p -> p.order < plan.order)
                    .sorted(Comparator.comparingInt(p -> -p.order))
                    .limit(references)
                    .toList();
            plan.after = held.stream()
                    .filter(p -> p.order > plan.order)
                    .sorted(Comparator.comparingInt(p -> p.order))
                    .limit(1)
                    .toList();
        }
        if (isReference) {
            frameNum++;
            if (plan.dropped != null) held.remove(plan.dropped);
            else if (held.size() == ParameterSets.DECODED_PICTURES) held.removeFirst();
            held.add(plan);
        }
        return plan;
    }
}
