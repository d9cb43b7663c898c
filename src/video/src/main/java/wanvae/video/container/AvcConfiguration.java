package wanvae.video.container;

import java.nio.ByteBuffer;
import java.util.List;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.Header;

/**
 * Makes the description of H.264 samples with its {@code avcC} box, ISO/IEC 14496-15 section 5.3.3.1. The box has the
 * fields that High profiles append, which jcodec's {@code AvcCBox} leaves out.
 */
public final class AvcConfiguration {
    private AvcConfiguration() {}

    /**
     * The description of a stream with one parameter set of each kind.
     *
     * @param sps    a sequence parameter set of 8-bit video, a NAL unit without start code
     * @param pps    a picture parameter set, likewise
     * @param chroma chroma_format_idc: 1 for 4:2:0, 3 for 4:4:4
     */
    public static SampleDescription describe(byte[] sps, byte[] pps, int chroma) {
        ByteBuffer record = ByteBuffer.allocate(15 + sps.length + pps.length);
        record.put((byte) 1).put(sps, 1, 3); // version; profile, constraints, level
        record.put((byte) 0xff); // NAL unit lengths take 4 bytes
        record.put((byte) 0xe1).putShort((short) sps.length).put(sps);
        record.put((byte) 1).putShort((short) pps.length).put(pps);
        int profile = sps[1] & 255;
        // Chroma, 8 bits, 8 bits, no extensions, where the profile is neither Baseline, Main nor Extended.
        if (profile != 66 && profile != 77 && profile != 88)
            record.put(new byte[] {(byte) (0xfc | chroma), (byte) 0xf8, (byte) 0xf8, 0});
        return new SampleDescription("avc1", 24, List.of(Box.createLeafBox(new Header("avcC"), record.flip())));
    }
}
