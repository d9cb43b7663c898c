package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.common.biari.MEncoder;

/** Writes bins by JCodec's arithmetic encoder. */
final class BinWriter implements Bins {
    private final MEncoder encoder;

    /** @param out stands behind the byte-aligned slice header */
    BinWriter(ByteBuffer out, BinCounter initial) {
        encoder = new MEncoder(out, initial.models());
    }

    @Override
    public void bin(int context, int bin) {
        encoder.encodeBin(context, bin);
    }

    @Override
    public void bypass(int bin) {
        encoder.encodeBinBypass(bin);
    }

    @Override
    public void terminate(int bin) {
        encoder.encodeBinFinal(bin);
        if (bin == 1) encoder.finishEncoding();
    }
}
