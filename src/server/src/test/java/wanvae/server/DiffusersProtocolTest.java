package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.http.HttpResponse;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.WanVae;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.DType;
import wanvae.video.FragmentedMp4Writer;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Rgb;

/**
 * What diffusers' {@code remote_decode} sends and expects, byte for byte. The queries are those of its {@code
 * prepare_decode}: all parameters in the query, Python's spelling of booleans, one {@code shape} for each axis.
 */
class DiffusersProtocolTest {
    private static final LatentShape VIDEO = new LatentShape(1, 16, 3, 4, 5);
    private static final LatentShape PICTURE = new LatentShape(1, 16, 1, 4, 5);

    @TempDir
    static Path folder;

    private static Served served;
    private static WanVae vae;

    @BeforeAll
    static void start() throws IOException {
        served = Served.start(folder);
        vae = WanVae.open(Served.wan(folder));
    }

    @AfterAll
    static void stop() {
        served.close();
        vae.close();
    }

    /** What a lone decode gives: frames, each {@code [H][W][3]}. */
    private static List<float[]> frames(Latents latents) throws IOException {
        var frames = new ArrayList<float[]>();
        vae.decode(
                latents,
                (member, index, frame) -> frames.add(frame.pixels().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)));
        return frames;
    }

    /** What is left of latents that went through a type. */
    private static Latents rounded(LatentShape shape, DType dtype, byte[] body) {
        MemorySegment values = MemorySegment.ofArray(new float[(int) shape.elements()]);
        dtype.widen(MemorySegment.ofArray(body), ByteOrder.LITTLE_ENDIAN, values, (int) shape.elements());
        return Latents.of(shape, values);
    }

    private static byte[] body(LatentShape shape, DType dtype) {
        MemorySegment values = GeneratedWeights.latents(shape, 7).values();
        byte[] body = new byte[(int) (shape.elements() * dtype.bytes())];
        dtype.narrow(
                MemorySegment.ofArray(values.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)),
                MemorySegment.ofArray(body),
                (int) shape.elements());
        return body;
    }

    private static byte[] narrow(float[] values, DType dtype) {
        byte[] bytes = new byte[values.length * dtype.bytes()];
        dtype.narrow(MemorySegment.ofArray(values), MemorySegment.ofArray(bytes), values.length);
        return bytes;
    }

    private static String query(String dtype, long... shape) {
        var query = new StringBuilder("?image_format=jpg&dtype=" + dtype);
        for (long size : shape) query.append("&shape=").append(size);
        return query.toString();
    }

    private static HttpResponse<byte[]> decode(String query, byte[] body, String accept) throws Exception {
        return served.post("/" + query, body, "Content-Type", "tensor/binary", "Accept", accept);
    }

    private static String type(DType dtype) {
        return switch (dtype) {
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            default -> "float32";
        };
    }

    @ParameterizedTest
    @CsvSource({"F16, True", "F16, absent", "F16, False", "BF16, True", "F32, True", "F32, False"})
    void aTensorOfAVideo(DType dtype, String scaling) throws Exception {
        byte[] body = body(VIDEO, dtype);
        Latents latents = rounded(VIDEO, dtype, body);
        List<float[]> frames = frames(scaling.equals("True") ? latents : latents.raw());
        HttpResponse<byte[]> response = decode(
                query(type(dtype), 1, 16, 3, 4, 5)
                        + "&output_type=pt&partial_postprocess=False"
                        + (scaling.equals("absent") ? "" : "&do_scaling=" + scaling),
                body,
                "tensor/binary");
        assertEquals(200, response.statusCode(), Served.text(response));
        assertEquals("[1, 3, 9, 32, 40]", Served.header(response, "shape"));
        assertEquals(type(dtype), Served.header(response, "dtype"));
        assertEquals("tensor/binary", Served.header(response, "Content-Type"));
        float[] planes = new float[3 * 9 * 32 * 40];
        for (int c = 0, at = 0; c < 3; c++)
            for (float[] frame : frames) for (int i = c; i < frame.length; i += 3) planes[at++] = frame[i];
        assertArrayEquals(narrow(planes, dtype), response.body());
    }

    @Test
    void aTensorOfAPictureAndOfABatch() throws Exception {
        LatentShape two = new LatentShape(2, 16, 1, 4, 5);
        byte[] body = body(two, DType.F32);
        List<float[]> frames = frames(rounded(two, DType.F32, body).raw());
        float[] planes = new float[2 * 3 * 32 * 40];
        int at = 0;
        for (float[] frame : frames)
            for (int c = 0; c < 3; c++) for (int i = c; i < frame.length; i += 3) planes[at++] = frame[i];
        HttpResponse<byte[]> picture = decode(query("float32", 2, 16, 4, 5) + "&output_type=pt", body, "tensor/binary");
        assertEquals("[2, 3, 32, 40]", Served.header(picture, "shape"));
        assertArrayEquals(narrow(planes, DType.F32), picture.body());
        HttpResponse<byte[]> video =
                decode(query("float32", 2, 16, 1, 4, 5) + "&output_type=pt", body, "tensor/binary");
        assertEquals("[2, 3, 1, 32, 40]", Served.header(video, "shape"));
        assertArrayEquals(picture.body(), video.body());
    }

    @Test
    void bytesOfAVideo() throws Exception {
        byte[] body = body(VIDEO, DType.F16);
        HttpResponse<byte[]> response = decode(
                query("float16", 1, 16, 3, 4, 5) + "&output_type=pt&partial_postprocess=True&do_scaling=True",
                body,
                "tensor/binary");
        assertEquals("[9, 32, 40, 3]", Served.header(response, "shape"));
        assertEquals("uint8", Served.header(response, "dtype"));
        var expected = new ByteArrayOutputStream();
        vae.decode(
                rounded(VIDEO, DType.F16, body),
                (member, index, frame) -> expected.write(Rgb.of(frame).bytes()));
        assertArrayEquals(expected.toByteArray(), response.body());
    }

    /** output_type="pil" with a processor. */
    @Test
    void aTensorForTheClientsOwnPictures() throws Exception {
        byte[] body = body(VIDEO, DType.F32);
        HttpResponse<byte[]> response = decode(
                query("float32", 1, 16, 3, 4, 5) + "&output_type=pil&partial_postprocess=False&do_scaling=True",
                body,
                "tensor/binary");
        assertEquals("[9, 3, 32, 40]", Served.header(response, "shape"));
        float[] units = new float[9 * 3 * 32 * 40];
        int at = 0;
        for (float[] frame : frames(rounded(VIDEO, DType.F32, body)))
            for (int c = 0; c < 3; c++)
                for (int i = c; i < frame.length; i += 3) units[at++] = Math.clamp(frame[i] / 2 + 0.5f, 0f, 1f);
        assertArrayEquals(narrow(units, DType.F32), response.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpg", "png"})
    void aPictureAsAFile(String format) throws Exception {
        String accept = format.equals("jpg") ? "image/jpeg" : "image/png";
        byte[] body = body(PICTURE, DType.F32);
        HttpResponse<byte[]> response = served.post(
                "/predict?image_format=" + format
                        + "&output_type=pil&partial_postprocess=False&dtype=float32&shape=1&shape=16&shape=4&shape=5&do_scaling=True",
                body,
                "Content-Type",
                "tensor/binary",
                "Accept",
                accept);
        assertEquals(200, response.statusCode(), Served.text(response));
        assertEquals(accept, Served.header(response, "Content-Type"));
        var image = ImageIO.read(new ByteArrayInputStream(response.body()));
        assertEquals(40, image.getWidth());
        assertEquals(32, image.getHeight());
        if (!format.equals("png")) {
            assertEquals((byte) 0xff, response.body()[0]);
            return;
        }
        assertEquals('P', response.body()[1]);
        vae.decode(
                rounded(PICTURE, DType.F32, body),
                (member, index, frame) ->
                        assertArrayEquals(Rgb.of(frame).bytes(), Rgb.of(image).bytes()));
    }

    @Test
    void aVideoAsAFile() throws Exception {
        byte[] body = body(VIDEO, DType.F16);
        HttpResponse<byte[]> response = decode(
                query("float16", 1, 16, 3, 4, 5) + "&output_type=mp4&partial_postprocess=False&do_scaling=True",
                body,
                "text/plain");
        assertEquals("text/plain", Served.header(response, "Content-Type"));
        var expected = new ByteArrayOutputStream();
        try (var mp4 = FragmentedMp4Writer.to(expected, Mp4Options.DEFAULT.withFps(10))) {
            vae.decode(rounded(VIDEO, DType.F16, body), mp4);
        }
        assertArrayEquals(expected.toByteArray(), response.body());
    }

    @Test
    void factorsOfPipelinesOfPictures() throws Exception {
        byte[] body = body(PICTURE, DType.F32);
        float[] values = rounded(PICTURE, DType.F32, body).values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        for (int i = 0; i < values.length; i++) values[i] = values[i] / 0.5f + 0.25f;
        float[] expected = frames(Latents.of(PICTURE, values).raw()).getFirst();
        HttpResponse<byte[]> response = decode(
                query("float32", 1, 16, 4, 5) + "&output_type=pt&scaling_factor=0.5&shift_factor=0.25",
                body,
                "tensor/binary");
        float[] planes = new float[expected.length];
        for (int c = 0, at = 0; c < 3; c++) for (int i = c; i < expected.length; i += 3) planes[at++] = expected[i];
        assertArrayEquals(narrow(planes, DType.F32), response.body());
    }

    /** Nodes that send a size for five axes, keys nobody knows, and bytes as latents. */
    @Test
    void whatOthersSend() throws Exception {
        byte[] body = body(VIDEO, DType.F16);
        HttpResponse<byte[]> plain = decode(query("float16", 1, 16, 3, 4, 5) + "&output_type=pt", body, "*/*");
        HttpResponse<byte[]> node = decode(
                "?output_type=pt&partial_postprocess=False&shape=1&shape=16&shape=3&shape=4&shape=5&dtype=float16"
                        + "&do_scaling=False&height=24&width=32&input_tensor_type=binary&output_tensor_type=binary",
                body,
                "tensor/binary");
        assertArrayEquals(plain.body(), node.body());
        assertEquals("tensor/binary", Served.header(plain, "Content-Type"));
        HttpResponse<byte[]> bytes =
                decode(query("uint8", 1, 16, 4, 5) + "&output_type=pt", new byte[16 * 4 * 5], "tensor/binary");
        assertEquals("float32", Served.header(bytes, "dtype"));
    }

    @Test
    void packedLatentsTakeTheirSize() throws Exception {
        byte[] body = body(new LatentShape(1, 16, 1, 4, 6), DType.F32);
        String query = query("float32", 1, 6, 64) + "&output_type=pt&do_scaling=True";
        HttpResponse<byte[]> response = decode(query + "&height=32&width=48", body, "tensor/binary");
        assertEquals("[1, 3, 32, 48]", Served.header(response, "shape"), Served.text(response));
        Served.assertProblem(400, decode(query, body, "tensor/binary"));
    }

    @Test
    void theOldFormOfBase64() throws Exception {
        byte[] body = body(VIDEO, DType.F16);
        String query = query("float16", 1, 16, 3, 4, 5) + "&output_type=pt&do_scaling=True";
        HttpResponse<byte[]> binary = decode(query, body, "tensor/binary");
        byte[] json =
                ("{\"inputs\": \"" + Base64.getEncoder().encodeToString(body) + "\"}").getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> old = served.post("/" + query, json, "Content-Type", "tensor/base64");
        assertEquals(200, old.statusCode(), Served.text(old));
        assertArrayEquals(
                binary.body(),
                Base64.getDecoder().decode(Served.json(old.body()).get("inputs")));
        assertTrue(Served.text(old).endsWith("\"parameters\":{\"shape\":[1,3,9,32,40],\"dtype\":\"float16\"}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=6|The body has 1920 bytes, expected 2304",
                "dtype=float17&shape=1&shape=16&shape=3&shape=4&shape=5|float16, bfloat16, float32, uint8",
                "shape=1&shape=16&shape=3&shape=4&shape=5|dtype is missing",
                "dtype=float16|0 sizes",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=-5|positive",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=x|positive",
                "dtype=float16&shape=1&shape=15&shape=3&shape=4&shape=5|15 channels",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4000000&shape=5000000|pixels",
                "dtype=float16&shape=2000000000&shape=16&shape=2000000000&shape=2000000000&shape=5|larger than any memory",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=5&do_scaling=maybe|true or false",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=5&output_type=gif|pt, pil, mp4",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=5&scaling_factor=0|scaling_factor is 0",
                "dtype=float16&shape=1&shape=16&shape=3&shape=4&shape=5&model=none|no such model; it has tiny",
            })
    void whatIsWrongIsASentence(String query, String sentence) throws Exception {
        byte[] body = body(VIDEO, DType.F16);
        HttpResponse<byte[]> response =
                served.post("/?" + query, Arrays.copyOf(body, 1920), "Content-Type", "tensor/binary");
        assertTrue(Served.assertProblem(400, response).contains(sentence), Served.text(response));
    }

    @Test
    void aClipIsNoPicture() throws Exception {
        HttpResponse<byte[]> response =
                decode(query("float16", 1, 16, 3, 4, 5) + "&output_type=pil", body(VIDEO, DType.F16), "image/jpeg");
        assertTrue(Served.assertProblem(400, response).contains("9 pictures"));
    }
}
