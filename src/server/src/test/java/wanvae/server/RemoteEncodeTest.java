package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.config.Half;
import wanvae.encode.EncodeOptions;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.video.PngWriter;
import wanvae.video.picture.Rgb;

/** What diffusers' {@code remote_encode} sends and expects; it names no types. */
class RemoteEncodeTest {
    @TempDir
    static Path folder;

    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = Served.start(folder);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static byte[] narrow(float[] values, DType dtype) {
        byte[] bytes = new byte[values.length * dtype.bytes()];
        dtype.narrow(MemorySegment.ofArray(values), MemorySegment.ofArray(bytes), values.length);
        return bytes;
    }

    private static Latents encoded(LatentShape shape, float[] pixels, boolean normalized) throws IOException {
        int height = 8 * shape.height(), width = 8 * shape.width(), frames = 4 * shape.frames() - 3;
        try (WanVae both = WanVae.open(Served.wan(folder), OpenOptions.DEFAULT.withHalves(Half.values()))) {
            var next = new AtomicInteger();
            return both.encode(
                    new FrameSource() {
                        @Override
                        public VideoShape shape() {
                            return new VideoShape(1, frames, height, width);
                        }

                        @Override
                        public Optional<Frame> next() {
                            int i = next.getAndIncrement(), size = 3 * height * width;
                            return i == frames
                                    ? Optional.empty()
                                    : Optional.of(Frame.of(
                                            height, width, Arrays.copyOfRange(pixels, i * size, (i + 1) * size)));
                        }
                    },
                    EncodeOptions.DEFAULT.withNormalized(normalized));
        }
    }

    @Test
    void aPictureBecomesLatents() throws Exception {
        byte[] bytes = new byte[3 * 16 * 24];
        new Random(1).nextBytes(bytes);
        Rgb picture = new Rgb(16, 24, bytes);
        byte[] png = PngWriter.encode(picture);
        float[] pixels = picture.toFrame().pixels().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        float[] expected = encoded(new LatentShape(1, 16, 1, 2, 3), pixels, false)
                .values()
                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        HttpResponse<byte[]> response = served.post("/", png);
        assertEquals(200, response.statusCode(), Served.text(response));
        assertEquals("[1, 16, 2, 3]", Served.header(response, "shape"));
        assertEquals("float32", Served.header(response, "dtype"));
        assertArrayEquals(narrow(expected, DType.F32), response.body());
        assertArrayEquals(response.body(), served.post("/encode", png).body());
        for (int i = 0; i < expected.length; i++) expected[i] = (expected[i] - 0.25f) * 0.5f;
        HttpResponse<byte[]> scaled = served.post("/?scaling_factor=0.5&shift_factor=0.25", png);
        assertArrayEquals(narrow(expected, DType.F32), scaled.body());
    }

    @Test
    void aTensorOfPixelsBecomesLatents() throws Exception {
        float[] planes = new float[3 * 5 * 8 * 16];
        Random random = new Random(2);
        for (int i = 0; i < planes.length; i++) planes[i] = random.nextFloat(-1, 1);
        float[] pixels = new float[planes.length];
        for (int c = 0, from = 0; c < 3; c++)
            for (int f = 0; f < 5; f++) for (int i = 0; i < 128; i++) pixels[3 * (128 * f + i) + c] = planes[from++];
        Latents expected = encoded(new LatentShape(1, 16, 2, 1, 2), pixels, true);
        HttpResponse<byte[]> response = served.post(
                "/?shape=1&shape=3&shape=5&shape=8&shape=16&dtype=float32&do_scaling=True", narrow(planes, DType.F32));
        assertEquals("[1, 16, 2, 1, 2]", Served.header(response, "shape"), Served.text(response));
        assertArrayEquals(
                narrow(expected.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED), DType.F32), response.body());
        Served.assertProblem(400, served.post("/?shape=1&shape=5&shape=8&shape=16&dtype=uint8", new byte[5 * 8 * 16]));
        Served.assertProblem(400, served.post("/?shape=1&shape=3&shape=8&shape=16", new byte[3 * 8 * 16]));
    }

    @Test
    void whatIsNoPicture() throws Exception {
        for (byte[] body :
                new byte[][] {{}, {(byte) 0x89, 'P', 'N', 'G', 1, 2}, "YUV4MPEG2 W1".getBytes(StandardCharsets.US_ASCII)
                }) {
            String sentence = Served.assertProblem(400, served.post("/encode", body));
            assertFalse(sentence.contains(folder.toString()), sentence);
        }
    }
}
