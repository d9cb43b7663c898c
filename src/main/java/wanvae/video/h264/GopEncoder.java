package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.h264.io.model.RefPicMarkingIDR;
import org.jcodec.codecs.h264.io.model.SliceHeader;
import org.jcodec.codecs.h264.io.model.SliceType;
import org.jcodec.codecs.h264.io.write.CAVLCWriter;
import org.jcodec.codecs.h264.io.write.SliceHeaderWriter;
import org.jcodec.common.io.BitWriter;

/** Codes the pictures of one closed group one after another. */
final class GopEncoder {
    private final H264Config config;
    private final ParameterSets parameterSets;

    GopEncoder(H264Config config, ParameterSets parameterSets) {
        this.config = config;
        this.parameterSets = parameterSets;
    }

    /** Codes {@code window[0]}. */
    EncodedFrame encode(SourcePicture[] window) {
        SourcePicture source = window[0];
        int width = config.widthInMbs(), height = config.heightInMbs();
        ByteBuffer payload = ByteBuffer.allocate(width * height * 400 + 64);
        BitWriter bits = new BitWriter(payload);
        SliceHeader header = new SliceHeader();
        header.sps = parameterSets.sps;
        header.pps = parameterSets.pps;
        header.sliceType = SliceType.I;
        header.sliceTypeRestr = true;
        header.idrPicId = source.number & 1;
        header.refPicMarkingIDR = new RefPicMarkingIDR(false, false);
        SliceHeaderWriter.write(header, true, 3, bits);
        for (int my = 0; my < height; my++) for (int mx = 0; mx < width; mx++) {
            CAVLCWriter.writeUE(bits, 25); // I_PCM
            bits.writeNBit(0, (8 - bits.curBit()) & 7);
            samples(bits, source.y, (16 * my * width + mx) * 16, 16 * width, 16);
            samples(bits, source.u, (8 * my * width + mx) * 8, 8 * width, 8);
            samples(bits, source.v, (8 * my * width + mx) * 8, 8 * width, 8);
        }
        CAVLCWriter.writeTrailingBits(bits);
        return new EncodedFrame(source.number, true, NalUnit.of(NalUnit.IDR_SLICE, payload.flip()));
    }

    private static void samples(BitWriter bits, byte[] plane, int at, int stride, int size) {
        for (int y = 0; y < size; y++) for (int x = 0; x < size; x++) bits.writeNBit(plane[at + y * stride + x], 8);
    }
}
