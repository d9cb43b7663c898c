package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.h264.io.model.AspectRatio;
import org.jcodec.codecs.h264.io.model.PictureParameterSet;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.jcodec.codecs.h264.io.model.VUIParameters;
import org.jcodec.common.model.ColorSpace;

/**
 * The stream's one sequence and one picture parameter set (ITU-T H.264, 7.3.2.1 and 7.3.2.2), and the level (annex A).
 */
final class ParameterSets {
    static final int PROFILE = 100 /* High */;
    /** Most pictures a decoder holds at once, references and such as are yet to be shown. */
    static final int DECODED_PICTURES = 4;
    /** Pictures in list 0 unless a slice header tells another number; list 1 has one. */
    static final int DEFAULT_REFERENCES = 3;

    static final int LOG2_MAX_FRAME_NUM = 8;
    static final int LOG2_MAX_ORDER = 8;

    /** Table A-1: level, macroblocks a second, macroblocks a frame, macroblocks of decoded pictures held. */
    private static final int[][] LEVELS = {
        {10, 1485, 99, 396},
        {11, 3000, 396, 900},
        {12, 6000, 396, 2376},
        {13, 11880, 396, 2376},
        {20, 11880, 396, 2376},
        {21, 19800, 792, 4752},
        {22, 20250, 1620, 8100},
        {30, 40500, 1620, 8100},
        {31, 108000, 3600, 18000},
        {32, 216000, 5120, 20480},
        {40, 245760, 8192, 32768},
        {42, 522240, 8704, 34816},
        {50, 589824, 22080, 110400},
        {51, 983040, 36864, 184320},
        {52, 2073600, 36864, 184320},
        {60, 4177920, 139264, 696320},
        {61, 8355840, 139264, 696320},
        {62, 16711680, 139264, 696320}
    };

    final SeqParameterSet sps = new SeqParameterSet();
    final PictureParameterSet pps = new PictureParameterSet();

    ParameterSets(H264Config config) {
        sps.profileIdc = PROFILE;
        sps.levelIdc = level(config);
        sps.chromaFormatIdc = ColorSpace.YUV420J; // JCodec has no other name for 4:2:0; the range is told in the VUI
        sps.log2MaxFrameNumMinus4 = LOG2_MAX_FRAME_NUM - 4;
        sps.picOrderCntType = 0; // display order is told in every slice header
        sps.log2MaxPicOrderCntLsbMinus4 = LOG2_MAX_ORDER - 4;
        sps.numRefFrames = DECODED_PICTURES;
        sps.picWidthInMbsMinus1 = config.widthInMbs() - 1;
        sps.picHeightInMapUnitsMinus1 = config.heightInMbs() - 1;
        sps.frameMbsOnlyFlag = true;
        sps.direct8x8InferenceFlag = true;
        // Cropping counts in chroma samples: of an odd size the decoder shows one column or row more, repeated from the
        // last.
        sps.frameCropRightOffset = (16 * config.widthInMbs() - config.width()) / 2;
        sps.frameCropBottomOffset = (16 * config.heightInMbs() - config.height()) / 2;
        sps.frameCroppingFlag = sps.frameCropRightOffset + sps.frameCropBottomOffset > 0;
        sps.vuiParams = vui(config);

        pps.numRefIdxActiveMinus1 = new int[] {DEFAULT_REFERENCES - 1, 0};
        pps.weightedBipredIdc = 2; // by distance in time
        pps.entropyCodingModeFlag = true; // CABAC
        pps.extended = new PictureParameterSet.PPSExt();
        pps.extended.transform8x8ModeFlag = true;
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

    private static int level(H264Config config) {
        int width = config.widthInMbs(), height = config.heightInMbs(), mbs = width * height;
        double rate = (double) mbs * config.fpsNumerator() / config.fpsDenominator();
        for (int[] level : LEVELS) {
            double longest = Math.sqrt(8.0 * level[2]);
            if (rate <= level[1]
                    && mbs <= level[2]
                    && DECODED_PICTURES * mbs <= level[3]
                    && width <= longest
                    && height <= longest) return level[0];
        }
        return 62; // beyond every level: the highest there is
    }

    byte[] sps() {
        ByteBuffer payload = ByteBuffer.allocate(512);
        sps.write(payload);
        return NalUnit.of(NalUnit.SPS, 3, payload.flip());
    }

    byte[] pps() {
        ByteBuffer payload = ByteBuffer.allocate(512);
        pps.write(payload);
        return NalUnit.of(NalUnit.PPS, 3, payload.flip());
    }
}
