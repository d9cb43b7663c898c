package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.h264.io.model.RefPicMarkingIDR;
import org.jcodec.codecs.h264.io.model.SliceHeader;
import org.jcodec.codecs.h264.io.model.SliceType;
import org.jcodec.codecs.h264.io.write.SliceHeaderWriter;
import org.jcodec.common.io.BitWriter;

/** Codes a picture as one slice: header, macroblocks in raster order, then the loop filter over its reconstruction. */
final class SliceEncoder {
    private final ParameterSets parameterSets;
    private final MbGrid grid;
    private final ByteBuffer payload;

    SliceEncoder(H264Config config, ParameterSets parameterSets) {
        this.parameterSets = parameterSets;
        grid = new MbGrid(config.widthInMbs(), config.heightInMbs());
        // A macroblock of noise at QP 0 takes about 8 bits a sample; four times that leaves room for the worst of
        // predictions.
        payload = ByteBuffer.allocate(grid.width * grid.height * 384 * 4 + 1024);
    }

    /**
     * Codes {@code source}, into {@code picture} as decoders see it.
     *
     * @param references latest first; none makes an IDR picture
     * @param frameNum   pictures since the last IDR picture
     * @param qps        quantiser of each macroblock in raster order
     * @param sliceQp    from which the first differs
     */
    byte[] encode(
            SourcePicture source,
            Picture picture,
            Picture[] references,
            int frameNum,
            int idrId,
            byte[] qps,
            int sliceQp) {
        boolean idr = references.length == 0;
        payload.clear();
        writeHeader(references.length, frameNum, idrId, sliceQp);

        grid.clear();
        BinCounter contexts = new BinCounter();
        contexts.initialize(idr, sliceQp);
        BinWriter bins = new BinWriter(payload, contexts);
        MacroblockWriter writer = new MacroblockWriter(grid, idr, references.length);
        ModeDecision decision = new ModeDecision(
                source,
                picture,
                references,
                grid,
                new MacroblockCoder(source, picture, references, grid, contexts),
                writer);
        int previousQp = sliceQp;
        boolean previousDelta = false;
        for (int y = 0; y < grid.height; y++)
            for (int x = 0; x < grid.width; x++) {
                decision.decide(x, y, qps[y * grid.width + x], contexts, previousQp, previousDelta);
                Macroblock m = decision.best();
                writer.write(bins, m, previousQp, previousDelta);
                bins.terminate(y == grid.height - 1 && x == grid.width - 1 ? 1 : 0);
                previousDelta = m.hasResidual() && m.qp != previousQp;
                if (m.hasResidual()) previousQp = m.qp;
                grid.qp[grid.mb(x, y)] = (byte) previousQp;
            }
        Deblocking.filter(grid, picture);
        return NalUnit.of(idr ? NalUnit.IDR_SLICE : NalUnit.SLICE, payload.flip());
    }

    private void writeHeader(int references, int frameNum, int idrId, int sliceQp) {
        SliceHeader header = new SliceHeader();
        header.sps = parameterSets.sps;
        header.pps = parameterSets.pps;
        header.sliceType = references == 0 ? SliceType.I : SliceType.P;
        header.sliceTypeRestr = true; // as all slices of the picture
        header.frameNum = frameNum & (1 << ParameterSets.LOG2_MAX_FRAME_NUM) - 1;
        header.idrPicId = idrId;
        if (references == 0) header.refPicMarkingIDR = new RefPicMarkingIDR(false, false);
        header.numRefIdxActiveOverrideFlag = references != ParameterSets.REFERENCES;
        header.numRefIdxActiveMinus1[0] = references - 1;
        header.sliceQpDelta = sliceQp - 26;
        BitWriter bits = new BitWriter(payload);
        SliceHeaderWriter.write(header, references == 0, 3, bits);
        while (bits.curBit() != 0) bits.write1Bit(1); // cabac_alignment_one_bit
        bits.flush();
    }
}
