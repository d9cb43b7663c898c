package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.h264.io.write.CAVLCWriter;
import org.jcodec.common.io.BitWriter;

/** Writes slice headers (7.3.3) of pictures that are one slice each. */
final class SliceHeader {
    private SliceHeader() {}

    /** Leaves {@code out} behind the bits that align CABAC's data. */
    static void write(PicturePlan plan, ByteBuffer out) {
        BitWriter bits = new BitWriter(out);
        CAVLCWriter.writeUE(bits, 0); // first_mb_in_slice
        CAVLCWriter.writeUE(bits, plan.type.code);
        CAVLCWriter.writeUE(bits, 0); // pic_parameter_set_id
        bits.writeNBit(plan.frameNum & (1 << ParameterSets.LOG2_MAX_FRAME_NUM) - 1, ParameterSets.LOG2_MAX_FRAME_NUM);
        // Of two IDR pictures in a row the ids differ.
        if (plan.isIdr()) CAVLCWriter.writeUE(bits, plan.source.number & 1);
        bits.writeNBit(plan.order & (1 << ParameterSets.LOG2_MAX_ORDER) - 1, ParameterSets.LOG2_MAX_ORDER);
        if (plan.type == SliceType.B) bits.write1Bit(1); // direct_spatial_mv_pred_flag
        if (plan.type != SliceType.I) writeReferences(plan, bits);
        if (plan.isReference) writeMarking(plan, bits);
        if (plan.type != SliceType.I) CAVLCWriter.writeUE(bits, 0); // cabac_init_idc
        CAVLCWriter.writeSE(bits, plan.qp - 26);
        while (bits.curBit() != 0) bits.write1Bit(1); // cabac_alignment_one_bit
        bits.flush();
    }

    private static void writeReferences(PicturePlan plan, BitWriter bits) {
        boolean two = plan.type == SliceType.B;
        boolean other = plan.before.size() != ParameterSets.DEFAULT_REFERENCES || two && plan.after.size() != 1;
        bits.write1Bit(other ? 1 : 0); // num_ref_idx_active_override_flag
        if (other) {
            CAVLCWriter.writeUE(bits, plan.before.size() - 1);
            if (two) CAVLCWriter.writeUE(bits, plan.after.size() - 1);
        }
        bits.write1Bit(plan.modifiesList ? 1 : 0);
        if (plan.modifiesList) {
            int predicted = plan.frameNum;
            for (PicturePlan reference : plan.before) {
                int difference = reference.frameNum - predicted;
                CAVLCWriter.writeUE(bits, difference < 0 ? 0 : 1);
                CAVLCWriter.writeUE(bits, Math.abs(difference) - 1);
                predicted = reference.frameNum;
            }
            CAVLCWriter.writeUE(bits, 3);
        }
        if (two) bits.write1Bit(0);
    }

    private static void writeMarking(PicturePlan plan, BitWriter bits) {
        if (plan.isIdr()) {
            bits.write1Bit(0); // no_output_of_prior_pics_flag
            bits.write1Bit(0); // long_term_reference_flag
            return;
        }
        bits.write1Bit(0); // the oldest reference makes room
    }
}
