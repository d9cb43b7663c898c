package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.h264.io.model.AspectRatio;
import org.jcodec.codecs.h264.io.model.PictureParameterSet;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.jcodec.codecs.h264.io.model.VUIParameters;
import org.jcodec.common.model.ColorSpace;

/**
 * The stream's one sequence and one picture parameter set (ITU-T H.264, 7.3.2.1 and 7.3.2.2).
 */
final class ParameterSets {
    /** The predecessor of High 4:4:4 Predictive, whose parameter sets are written the same. */
    private static final int HIGH_444 = 144;

    /** Most pictures a decoder holds at once, references and such as are yet to be shown. */
    static final int DECODED_PICTURES = 4;
    /** Pictures in list 0 unless a slice header tells another number; list 1 has one. */
    static final int DEFAULT_REFERENCES = 3;

    static final int LOG2_MAX_FRAME_NUM = 8;
    static final int LOG2_MAX_ORDER = 8;

    final SeqParameterSet sps = new SeqParameterSet();
    final PictureParameterSet pps = new PictureParameterSet();
    private final ChromaFormat chroma;

    ParameterSets(H264Config config) {
        chroma = config.chroma();
        boolean full = chroma == ChromaFormat.YUV444;
        // JCodec does not know High 4:4:4 Predictive, and has no other name for 4:2:0; the range is told in the VUI.
        sps.profileIdc = full ? HIGH_444 : chroma.profile;
        sps.chromaFormatIdc = full ? ColorSpace.YUV444 : ColorSpace.YUV420J;
        sps.log2MaxFrameNumMinus4 = LOG2_MAX_FRAME_NUM - 4;
        sps.picOrderCntType = 0; // display order is told in every slice header
        sps.log2MaxPicOrderCntLsbMinus4 = LOG2_MAX_ORDER - 4;
        sps.numRefFrames = DECODED_PICTURES;
        sps.picWidthInMbsMinus1 = config.widthInMbs() - 1;
        sps.picHeightInMapUnitsMinus1 = config.heightInMbs() - 1;
        sps.frameMbsOnlyFlag = true;
        sps.direct8x8InferenceFlag = true;
        // Cropping counts in chroma samples: of an odd size in 4:2:0 the decoder shows one column or row more, repeated
        // from the last.
        sps.frameCropRightOffset = (16 * config.widthInMbs() - config.width()) / chroma.step;
        sps.frameCropBottomOffset = (16 * config.heightInMbs() - config.height()) / chroma.step;
        sps.frameCroppingFlag = sps.frameCropRightOffset + sps.frameCropBottomOffset > 0;
        sps.vuiParams = vui(config);

        pps.numRefIdxActiveMinus1 = new int[] {DEFAULT_REFERENCES - 1, 0};
        pps.weightedBipredIdc = 2; // by distance in time
        pps.entropyCodingModeFlag = true; // CABAC
        pps.extended = new PictureParameterSet.PPSExt();
        pps.extended.transform8x8ModeFlag = true;
        pps.chromaQpIndexOffset = chroma.qpOffset;
        pps.extended.secondChromaQpIndexOffset = chroma.qpOffset;
    }

    private static VUIParameters vui(H264Config config) {
        VUIParameters vui = new VUIParameters();
        vui.aspectRatioInfoPresentFlag = true;
        boolean square = config.sarWidth() == config.sarHeight();
        vui.aspectRatio = square ? AspectRatio.fromValue(1) : AspectRatio.Extended_SAR;
        vui.sarWidth = config.sarWidth();
        vui.sarHeight = config.sarHeight();
        vui.videoSignalTypePresentFlag = true;
        vui.videoFormat = 5; // unspecified
        vui.colourDescriptionPresentFlag = true;
        vui.colourPrimaries = config.color().primaries();
        vui.transferCharacteristics = config.color().transfer();
        vui.matrixCoefficients = config.color().matrix();
        vui.timingInfoPresentFlag = true;
        vui.numUnitsInTick = config.fpsDenominator();
        vui.timeScale = (int) Math.min(2L * config.fpsNumerator(), 0xFFFFFFFFL); // ticks are fields
        vui.fixedFrameRateFlag = true;
        vui.bitstreamRestriction = new VUIParameters.BitstreamRestriction();
        vui.bitstreamRestriction.motionVectorsOverPicBoundariesFlag = true;
        vui.bitstreamRestriction.log2MaxMvLengthHorizontal = 11;
        vui.bitstreamRestriction.log2MaxMvLengthVertical = 11;
        vui.bitstreamRestriction.numReorderFrames = config.reordering();
        vui.bitstreamRestriction.maxDecFrameBuffering = DECODED_PICTURES;
        return vui;
    }

    /** @param level by its number, such as 31 for level 3.1 */
    byte[] sps(int level) {
        sps.levelIdc = level;
        ByteBuffer payload = ByteBuffer.allocate(512);
        sps.write(payload);
        payload.put(0, (byte) chroma.profile);
        return NalUnit.of(NalUnit.SPS, 3, payload.flip());
    }

    byte[] pps() {
        ByteBuffer payload = ByteBuffer.allocate(512);
        pps.write(payload);
        return NalUnit.of(NalUnit.PPS, 3, payload.flip());
    }
}
