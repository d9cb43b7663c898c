package wanvae.video.h264;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what kind each picture is, from what follows it: where groups start, and how many B pictures go before each P
 * picture. Hands out groups once enough is known of the pictures behind them for {@link MacroblockTree}.
 */
final class Lookahead {
    /** How far apart pictures are compared. */
    static final int FARTHEST = 4;

    /** A cost of a macroblock above which a P picture is not put further away, less for each picture it is. */
    private static final int MOST_COST = 300, COST_STEP = 25, LEAST_COST = 30;
    /** B pictures take less than their costs: they are quantised more coarsely. */
    private static final double B_COST = 100 / 120.0;

    private final int keyint, mostB;
    /** How many pictures behind a group its quantisers depend on. */
    private final int pictures;
    /** Pictures whose kind is not decided. */
    private final ArrayDeque<SourcePicture> undecided = new ArrayDeque<>();

    private final ArrayDeque<MiniGop> decided = new ArrayDeque<>();
    private int decidedPictures;
    /** The last P or IDR picture decided on. */
    private SourcePicture anchor;

    private SourcePicture last;
    private int groupStart;
    private double unexplainedBefore = 1;
    private boolean ended;

    Lookahead(H264Config config) {
        keyint = config.keyint();
        mostB = config.mostB();
        pictures = config.lookahead();
    }

    void add(SourcePicture picture) {
        picture.startsGroup = last == null || picture.number - groupStart == keyint || isSceneCut(picture);
        if (picture.startsGroup) groupStart = picture.number;
        last = picture;
        undecided.add(picture);
        while (decide())
            ;
    }

    /** No more pictures come. */
    void end() {
        ended = true;
        while (decide())
            ;
    }

    /** The next pictures to be coded, their offsets set; null if more pictures have to come first. */
    MiniGop next() {
        if (decided.isEmpty()
                || !ended && decidedPictures - decided.peek().pictures().size() < pictures) return null;
        MacroblockTree.setOffsets(decided);
        MiniGop gop = decided.remove();
        decidedPictures -= gop.pictures().size();
        return gop;
    }

    /** The complexity of a group just handed out and of those behind it that are decided. */
    double complexity(MiniGop gop) {
        double sum = complexityOf(gop);
        for (MiniGop later : decided) sum += complexityOf(later);
        return sum;
    }

    private static double complexityOf(MiniGop gop) {
        return gop.pictures().stream().mapToDouble(SourcePicture::complexity).sum();
    }

    /** How many pictures {@link #complexity} is of. */
    int pictures(MiniGop gop) {
        return gop.pictures().size() + decidedPictures;
    }

    /** Whether the picture shows something new: of a sudden, predicting it from the one before explains little. */
    private boolean isSceneCut(SourcePicture picture) {
        Analysis a = picture.analysis;
        HalfCost cost = new HalfCost(a, last.analysis, null);
        double unexplained = (double) cost.sum / HalfCost.sum(a.intraCost, a.width, a.height);
        boolean cut = unexplained > 0.6 && unexplained > 1.5 * unexplainedBefore;
        unexplainedBefore = unexplained;
        return cut;
    }

    /** Decides on one more group if enough pictures are known. */
    private boolean decide() {
        if (undecided.isEmpty()) return false;
        if (undecided.peek().startsGroup) {
            anchor = undecided.remove();
            addGroup(new MiniGop(null, List.of(anchor)));
            return true;
        }
        List<SourcePicture> next = new ArrayList<>();
        boolean complete = ended;
        for (SourcePicture picture : undecided) {
            complete |= picture.startsGroup;
            if (picture.startsGroup || next.size() == mostB + 1) break;
            next.add(picture);
        }
        if (!complete && next.size() <= mostB) return false;
        int bPictures = countB(next);
        MiniGop gop = new MiniGop(anchor, List.copyOf(next.subList(0, bPictures + 1)));
        for (int i = 0; i <= bPictures; i++) undecided.remove();
        anchor = gop.last();
        setCosts(gop);
        addGroup(gop);
        return true;
    }

    private void addGroup(MiniGop gop) {
        decided.add(gop);
        decidedPictures += gop.pictures().size();
    }

    /** How many of the pictures behind the anchor are B pictures; the one behind those is a P picture. */
    private int countB(List<SourcePicture> next) {
        if (next.size() < 2) return 0;
        Analysis start = anchor.analysis, one = next.get(0).analysis, two = next.get(1).analysis;
        int macroblocks = start.width * start.height;
        HalfCost far = new HalfCost(two, start, null);
        if (far.intra > macroblocks / 2) return 0;
        double asB = far.sum + B_COST * new HalfCost(one, start, two).sum;
        double asP = new HalfCost(one, start, null).sum + new HalfCost(two, one, null).sum;
        if (asP < asB) return 0;
        int count = 1;
        while (count < mostB && count + 1 < next.size()) {
            HalfCost farther = new HalfCost(next.get(count + 1).analysis, start, null);
            long most = Math.max(MOST_COST - COST_STEP * count, LEAST_COST);
            if (farther.sum > most * macroblocks || farther.intra > macroblocks / 3) break;
            count++;
        }
        return count;
    }

    private static void setCosts(MiniGop gop) {
        Analysis before = gop.before().analysis, last = gop.last().analysis;
        gop.last().cost = new HalfCost(last, before, null);
        int middle = gop.middle();
        Analysis split = middle < 0 ? null : gop.pictures().get(middle).analysis;
        for (int i = 0; i < gop.pictures().size() - 1; i++) {
            SourcePicture picture = gop.pictures().get(i);
            Analysis from = middle >= 0 && i > middle ? split : before, to = middle >= 0 && i < middle ? split : last;
            picture.cost = new HalfCost(picture.analysis, from, to);
        }
    }
}
