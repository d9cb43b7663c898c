package wanvae.video.source;

import java.util.HashMap;
import java.util.Map;

/**
 * Reads the headers of an H.264 stream, ITU-T H.264 section 7.3, as far as needed to know what kind of stream it is.
 * They are checked here first because damaged ones can make jcodec run forever. Wrong values end in an {@link
 * IllegalArgumentException}.
 */
final class AvcHeaders {
    /** Types of NAL units. */
    static final int IDR = 5, SPS = 7, PPS = 8;

    private static final int P = 0, B = 1, MOST = Integer.MAX_VALUE;

    /**
     * A sequence parameter set.
     *
     * @param kind   the feature that cannot be decoded here, or null
     * @param matrix matrix_coefficients of H.273; 2 if unspecified
     * @param range  1: full range, 0: limited, -1: unspecified
     */
    record Sequence(
            int id,
            String kind,
            int frameNumberBits,
            int orderBits,
            int orderType,
            boolean orderIsPlain,
            int codedWidth,
            int codedHeight,
            int left,
            int top,
            int width,
            int height,
            int matrix,
            int range) {}

    private record Picture(
            Sequence sequence,
            String kind,
            boolean cabac,
            boolean orderPresent,
            int[] references,
            boolean weightsP,
            boolean weightsB,
            boolean deblockingControl,
            boolean redundant) {}

    private final Map<Integer, Sequence> sequences = new HashMap<>();
    private final Map<Integer, Picture> pictures = new HashMap<>();

    /** Reads an SPS and keeps it for the units that refer to it. */
    Sequence sequence(byte[] unit) {
        AvcBits in = new AvcBits(unit);
        int profile = in.bits(8);
        in.bits(16);
        int id = in.ue(31);
        String kind = switch (profile) {
            case 66, 77, 100 -> null;
            case 110 -> "10-bit samples";
            case 122 -> "4:2:2 chroma";
            case 44, 244 -> "4:4:4 chroma";
            default -> "profile " + profile;
        };
        if (kind != null) return new Sequence(id, kind, 0, 0, 0, false, 16, 16, 0, 0, 16, 16, 2, -1);
        if (profile == 100) {
            if (in.ue(3) != 1) kind = "grey pictures";
            if (in.ue(6) + in.ue(6) > 0) kind = "samples of more than 8 bits";
            if (in.flag()) kind = "lossless coding";
            if (in.flag()) kind = "scaling matrices";
            if (kind != null) return new Sequence(id, kind, 0, 0, 0, false, 16, 16, 0, 0, 16, 16, 2, -1);
        }
        int frameNumberBits = 4 + in.ue(12), orderType = in.ue(2), orderBits = 0;
        boolean plain = false;
        if (orderType == 0) orderBits = 4 + in.ue(12);
        if (orderType == 1) {
            plain = in.flag();
            in.se();
            in.se();
            for (int n = in.ue(255); n > 0; n--) in.se();
        }
        in.ue(16);
        in.flag();
        int codedWidth = 16 * (in.ue(4095) + 1), codedHeight = 16 * (in.ue(4095) + 1);
        if (!in.flag()) kind = "interlaced coding";
        if (kind != null) return new Sequence(id, kind, 0, 0, 0, false, 16, 16, 0, 0, 16, 16, 2, -1);
        in.flag();
        int left = 0, right = 0, top = 0, bottom = 0;
        if (in.flag()) {
            left = 2 * in.ue(MOST / 4);
            right = 2 * in.ue(MOST / 4);
            top = 2 * in.ue(MOST / 4);
            bottom = 2 * in.ue(MOST / 4);
        }
        int[] colours = {2, -1};
        if (in.flag()) usability(in, colours);
        Sequence sequence = new Sequence(
                id,
                null,
                frameNumberBits,
                orderBits,
                orderType,
                plain,
                codedWidth,
                codedHeight,
                left,
                top,
                codedWidth - left - right,
                codedHeight - top - bottom,
                colours[0],
                colours[1]);
        if (sequence.width < 1 || sequence.height < 1) throw new IllegalArgumentException("everything is cropped");
        sequences.put(id, sequence);
        return sequence;
    }

    /** vui_parameters. */
    private static void usability(AvcBits in, int[] colours) {
        if (in.flag() && in.bits(8) == 255) in.bits(32);
        if (in.flag()) in.flag();
        if (in.flag()) {
            in.bits(3);
            colours[1] = in.bits(1);
            if (in.flag()) {
                in.bits(16);
                colours[0] = in.bits(8);
            }
        }
        if (in.flag()) {
            in.ue(5);
            in.ue(5);
        }
        if (in.flag()) {
            in.bits(32);
            in.bits(32);
            in.flag();
        }
        boolean nal = in.flag();
        if (nal) buffering(in);
        boolean vcl = in.flag();
        if (vcl) buffering(in);
        if (nal || vcl) in.flag();
        in.flag();
        if (!in.flag()) return;
        in.flag();
        for (int i = 0; i < 6; i++) in.ue(MOST);
    }

    /** hrd_parameters. */
    private static void buffering(AvcBits in) {
        int count = in.ue(31) + 1;
        in.bits(8);
        for (; count > 0; count--) {
            in.ue(MOST);
            in.ue(MOST);
            in.flag();
        }
        in.bits(20);
    }

    /** Reads a PPS and keeps it for the slices that refer to it. */
    void picture(byte[] unit) {
        AvcBits in = new AvcBits(unit);
        int id = in.ue(255);
        Sequence sequence = known(sequences.get(in.ue(31)));
        boolean cabac = in.flag(), orderPresent = in.flag();
        String kind = in.ue(7) > 0 ? "slice groups" : null;
        if (kind != null) {
            pictures.put(id, new Picture(sequence, kind, false, false, null, false, false, false, false));
            return;
        }
        int[] references = {in.ue(31) + 1, in.ue(31) + 1};
        boolean weightsP = in.flag(), weightsB = in.bits(2) == 1;
        for (int i = 0; i < 3; i++) in.se();
        boolean deblockingControl = in.flag();
        if (in.flag()) kind = "constrained intra prediction";
        boolean redundant = in.flag();
        if (in.hasMore()) {
            in.flag();
            if (in.flag()) kind = "scaling matrices";
        }
        pictures.put(
                id,
                new Picture(
                        sequence,
                        kind,
                        cabac,
                        orderPresent,
                        references,
                        weightsP,
                        weightsB,
                        deblockingControl,
                        redundant));
    }

    /** Reads the header of a slice. Returns a feature that jcodec would decode to wrong pictures, or null. */
    String slice(byte[] unit) {
        int type = unit[0] & 31;
        boolean reference = (unit[0] & 0x60) != 0;
        AvcBits in = new AvcBits(unit);
        int first = in.ue(MOST), kind = in.ue(9) % 5;
        Picture picture = known(pictures.get(in.ue(255)));
        if (picture.kind != null) return picture.kind;
        Sequence sequence = picture.sequence;
        if (first >= sequence.codedWidth / 16 * (sequence.codedHeight / 16) || kind > 2)
            throw new IllegalArgumentException("no slice begins there");
        in.bits(sequence.frameNumberBits);
        if (type == IDR) in.ue(65535);
        if (sequence.orderType == 0) {
            in.bits(sequence.orderBits);
            if (picture.orderPresent) in.se();
        } else if (sequence.orderType == 1 && !sequence.orderIsPlain) {
            in.se();
            if (picture.orderPresent) in.se();
        }
        if (picture.redundant) in.ue(127);
        boolean spatial = kind != B || in.flag();
        int[] references = picture.references.clone();
        if (kind <= B && in.flag()) {
            references[0] = in.ue(31) + 1;
            if (kind == B) references[1] = in.ue(31) + 1;
        }
        for (int list = 0; list <= kind && kind <= B; list++) reorder(in);
        if (kind == P && picture.weightsP || kind == B && picture.weightsB) weights(in, references, kind + 1);
        if (reference) marking(in, type == IDR);
        if (picture.cabac && kind <= B) in.ue(2);
        in.se();
        if (picture.deblockingControl && in.ue(2) != 0) return "slices that are not deblocked";
        return spatial ? null : "temporal direct prediction";
    }

    private static void reorder(AvcBits in) {
        if (!in.flag()) return;
        while (in.ue(3) != 3) in.ue(MOST);
    }

    private static void weights(AvcBits in, int[] references, int lists) {
        in.ue(7);
        in.ue(7);
        for (int list = 0; list < lists; list++)
            for (int i = 0; i < references[list]; i++)
                for (int values : new int[] {2, 4}) if (in.flag()) for (int k = 0; k < values; k++) in.se();
    }

    private static void marking(AvcBits in, boolean idr) {
        if (idr) {
            in.bits(2);
            return;
        }
        if (!in.flag()) return;
        for (int operation; (operation = in.ue(6)) != 0; )
            for (int n = operation == 3 ? 2 : operation == 5 ? 0 : 1; n > 0; n--) in.ue(MOST);
    }

    private static <T> T known(T set) {
        if (set == null) throw new IllegalArgumentException("a parameter set is missing");
        return set;
    }
}
