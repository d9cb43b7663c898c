package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller chooses for streams: how soon a picture comes out, and the shape of its pixels. */
class LookaheadTest {
    private static final H264Config CONFIG = H264Config.of(64, 48, 25, 1);

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void withoutLookaheadEachPictureIsDeliveredAtOnce(int threads) throws IOException {
        List<EncodedFrame> out = new ArrayList<>();
        H264Config config = CONFIG.withLookahead(0).withKeyint(5).withThreads(threads);
        try (H264Encoder encoder = new H264Encoder(config, out::add)) {
            for (int i = 0; i < 12; i++) {
                encoder.encode(TestClip.PAN.frame(i, 64, 48));
                assertEquals(i + 1, out.size());
                assertEquals(i % 5 == 0, out.getLast().keyFrame());
            }
            encoder.finish();
        }
        assertEquals(12, out.size());
    }

    @Test
    void aShortLookaheadKeepsFewPicturesBack() throws IOException {
        List<EncodedFrame> out = new ArrayList<>();
        try (H264Encoder encoder = new H264Encoder(CONFIG.withLookahead(4), out::add)) {
            for (int i = 0; i < 40; i++) encoder.encode(TestClip.PAN.frame(i, 64, 48));
            assertTrue(out.size() >= 40 - 4 - 8, () -> out.size() + " of 40");
        }
    }

    @Test
    void pixelAspectsAreTagged() {
        try (H264Encoder encoder = new H264Encoder(CONFIG.withPixelAspect(4, 3), frame -> {})) {
            byte[] sps = encoder.sps();
            var vui = SeqParameterSet.read(ByteBuffer.wrap(sps, 1, sps.length - 1)).vuiParams;
            assertEquals(4, vui.sarWidth);
            assertEquals(3, vui.sarHeight);
        }
    }
}
