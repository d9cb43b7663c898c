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
    /** The least share of a picture that predicting it from the one before leaves where a scene is cut. */
    private static final double CUT = 0.8;

    private final int keyint, mostB;
    /** How many pictures behind a group its quantisers depend on. */
    private final int pictures;
    /** Of {@link MacroblockTree}. */
    private final double treeStrength;
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
        treeStrength = MacroblockTree.strength(config.rate());
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
        if (decided.isEmpty() || !ended && decidedPictures <= pictures) return null;
        MacroblockTree.setOffsets(decided, treeStrength);
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
        HalfCost cost = a.costBetween(last.analysis, null);
        double unexplained = (double) cost.sum / HalfCost.sum(a.intraCost, a.width, a.height);
        boolean cut = unexplained > CUT && unexplained > 1.5 * unexplainedBefore;
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
        List<HalfCost> costs = costs(gop.before(), gop.pictures());
        for (int i = 0; i <= bPictures; i++) gop.pictures().get(i).cost = costs.get(i);
        addGroup(gop);
        return true;
    }

    private void addGroup(MiniGop gop) {
        for (SourcePicture picture : gop.pictures()) picture.analysis.forgetCosts();
        decided.add(gop);
        decidedPictures += gop.pictures().size();
    }

    /**
     * How many of the pictures behind the anchor are B pictures; the one behind those is a P picture. Each further one has
     * to make the whole cheaper than a P picture there, with another P picture behind it.
     */
    private int countB(List<SourcePicture> next) {
        int count = 0;
        while (count < mostB && count + 1 < next.size()) {
            long asB = sum(costs(anchor, next.subList(0, count + 2)));
            long asP = sum(costs(anchor, next.subList(0, count + 1)))
                    + sum(costs(next.get(count), next.subList(count + 1, count + 2)));
            if (asP <= asB) break;
            count++;
        }
        return count;
    }

    private static long sum(List<HalfCost> costs) {
        return costs.stream().mapToLong(cost -> cost.sum).sum();
    }

    /** Costs of the pictures of a group, the last of which is a P picture. */
    private static List<HalfCost> costs(SourcePicture before, List<SourcePicture> pictures) {
        MiniGop gop = new MiniGop(before, pictures);
        int middle = gop.middle(), last = pictures.size() - 1;
        List<HalfCost> costs = new ArrayList<>();
        for (int i = 0; i < last; i++)
            costs.add(pictures.get(i)
                    .analysis
                    .costBetween(
                            middle >= 0 && i > middle ? pictures.get(middle).analysis : before.analysis,
                            pictures.get(middle >= 0 && i < middle ? middle : last).analysis));
        costs.add(pictures.get(last).analysis.costBetween(before.analysis, null));
        return costs;
    }
}
