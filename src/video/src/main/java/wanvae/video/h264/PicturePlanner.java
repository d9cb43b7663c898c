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
            // Not to the B picture just before it in decoding order, so that both can be coded at once.
            PicturePlan latest = held.getLast();
            plan.before = held.stream()
                    .filter(p -> p != latest || p.type != SliceType.B)
                    .sorted(Comparator.comparingInt(p -> -p.order))
                    .limit(references)
                    .toList();
            List<PicturePlan> unmodified = held.stream()
                    .sorted(Comparator.comparingInt(p -> -p.frameNum))
                    .limit(plan.before.size())
                    .toList();
            plan.modifiesList = !plan.before.equals(unmodified);
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
            if (held.size() == ParameterSets.DECODED_PICTURES) held.removeFirst();
            held.add(plan);
        }
        return plan;
    }
}
