package wanvae.video.h264;

import java.nio.ByteBuffer;

/**
 * A coded picture: one slice NAL unit with its header byte and emulation prevention, without start code or length.
 * Pictures come in decoding order, in which a picture follows those it refers to, some of them shown later.
 *
 * @param number        of the frame in display order, from 0
 * @param delay         how many pictures later than decoded it is shown, if the first one is shown {@link
 *                      H264Config#reordering} pictures after it is decoded; never negative
 * @param keyFrame      an IDR picture: decoding can start here
 * @param quantizer     that its quantisers were derived from
 */
public record EncodedFrame(int number, int delay, boolean keyFrame, double quantizer, byte[] nal) {
    /** As MP4 stores it: the NAL unit after its length in 4 bytes. */
    public byte[] avcc() {
        byte[] sample = new byte[nal.length + 4];
        ByteBuffer.wrap(sample).putInt(nal.length).put(nal);
        return sample;
    }

    /** As a raw {@code .h264} stream stores a NAL unit: after a start code. */
    public static byte[] annexB(byte[] nal) {
        byte[] unit = new byte[nal.length + 4];
        ByteBuffer.wrap(unit).putInt(1).put(nal);
        return unit;
    }
}
