package wanvae.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import wanvae.decode.DecodePlan;
import wanvae.decode.Tiling;
import wanvae.frame.FrameSink;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentAxes;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.LatentRequest.Meaning;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.server.Models.Model;
import wanvae.server.TensorReply.Layout;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorFile;
import wanvae.video.FragmentedMp4Writer;
import wanvae.video.Mp4Options;

/**
 * The protocol of diffusers' {@code remote_decode} and {@code remote_encode}. The body holds the latents or pixels, the
 * query everything else. Source: {@code src/diffusers/utils/remote_utils.py}.
 */
final class DiffusersProtocol {
    private static final Pattern MEDIA_TYPE = Pattern.compile("[\\w.+-]+/[\\w.+-]+");
    private static final String TENSOR = "tensor/binary", BASE64 = "tensor/base64";
    /** Frames a second of diffusers' {@code export_to_video}. */
    private static final int FPS = 10;
    /** The largest reply in base64, in bytes: such a reply is made as a whole in memory. */
    private static final long MOST_BASE64 = 256 << 20;

    private final Models models;
    private final Decodes decodes;
    private final Encodes encodes;

    DiffusersProtocol(Models models, Decodes decodes, Encodes encodes) {
        this.models = models;
        this.decodes = decodes;
        this.encodes = encodes;
    }

    private enum OutputType {
        PT,
        PIL,
        MP4
    }

    private enum ImageFormat {
        JPG,
        PNG
    }

    private enum Type {
        FLOAT16(DType.F16),
        BFLOAT16(DType.BF16),
        FLOAT32(DType.F32),
        UINT8(DType.U8);

        final DType dtype;

        Type(DType dtype) {
            this.dtype = dtype;
        }
    }

    /**
     * POST / and /predict: a decode, or an encode for {@code remote_encode}, whose requests describe neither the body
     * nor the output they want.
     */
    void answer(Exchange exchange) throws IOException {
        boolean encode = exchange.header("Content-Type").isEmpty()
                && exchange.query().text("output_type").isEmpty();
        if (encode) encode(exchange);
        else decode(exchange);
    }

    /** POST /encode: takes an image file or a tensor and answers with latents, the means of the posterior. */
    void encode(Exchange exchange) throws IOException {
        Query query = exchange.query();
        Optional<Type> type = query.choice("dtype", Type.class);
        long[] shape = query.sizes("shape");
        if (type.isPresent() != shape.length > 0)
            throw Problem.bad("The parameters shape and dtype go together: both for a tensor, none for a file.");
        OptionalDouble factor = query.number("scaling_factor"), shift = query.number("shift_factor");
        boolean normalized = factor.isEmpty() && query.flag("do_scaling", false);
        Model model = encodes.choose(query.text("model"));
        exchange.fact("model", model.name());
        try (Admission.Ticket ticket = encodes.admission().join(Admission.Lane.LONG);
                Body body = exchange.body()) {
            ticket.start(exchange::isGone);
            Latents latents;
            if (type.isPresent())
                try (TensorFile tensor = body.raw(type.get().dtype, shape)) {
                    latents = encode(SentFrames.of(tensor), model, normalized, ticket, exchange);
                }
            else
                try (FrameSource frames =
                        Computing.call(() -> SentFrames.of(body, SentFrames.Selection.ALL, model.config()))) {
                    latents = encode(frames, model, normalized, ticket, exchange);
                }
            if (factor.isPresent()) {
                float scale = (float) factor.getAsDouble(), zero = (float) shift.orElse(0);
                latents = mapped(latents, z -> (z - zero) * scale);
            }
            exchange.fact("queue", Json.seconds(ticket.waitedSeconds()));
            reply(exchange, latents, type.filter(t -> t != Type.UINT8).orElse(Type.FLOAT32).dtype, shape.length == 5);
        }
    }

    /** @param video whether the latents keep the axis of frames even if it has one element */
    private static void reply(Exchange exchange, Latents latents, DType dtype, boolean video) {
        LatentShape s = latents.shape();
        long[] sizes = video || s.frames() > 1
                ? new long[] {s.batch(), s.channels(), s.frames(), s.height(), s.width()}
                : new long[] {s.batch(), s.channels(), s.height(), s.width()};
        byte[] bytes = new byte[Math.toIntExact(dtype.bytes(s.elements()))];
        dtype.narrow(latents.values(), MemorySegment.ofArray(bytes), (int) s.elements());
        exchange.header("shape", TensorReply.text(sizes));
        exchange.header("dtype", TensorReply.text(dtype));
        exchange.reply(200, accepted(exchange, TENSOR), bytes);
    }

    private Latents encode(
            FrameSource frames, Model model, boolean normalized, Admission.Ticket ticket, Exchange exchange)
            throws IOException {
        return encodes.run(model, frames, exchange.query().tiling("tile"), normalized, ticket, exchange::isGone);
    }

    /** Answers a decode. */
    private void decode(Exchange exchange) throws IOException {
        boolean base64 = exchange.header("Content-Type").orElse("").startsWith(BASE64);
        try (Admission.Ticket ticket = decodes.admission().join(Admission.Lane.LONG)) {
            if (!base64) {
                Asked asked = Asked.of(exchange.query());
                requirePossible(asked);
                exchange.length().ifPresent(asked::requireBytes);
                try (Body body = exchange.body()) {
                    decode(exchange, ticket, asked, body, acceptsBase64(exchange));
                }
            } else {
                try (Body json = exchange.body();
                        Base64Body decoded = Base64Body.of(json, exchange.query())) {
                    decode(exchange, ticket, Asked.of(decoded.query()), decoded.body(), true);
                }
            }
        }
    }

    private static boolean acceptsBase64(Exchange exchange) {
        return exchange.header("Accept").orElse("").equals(BASE64);
    }

    /** Refuses an impossible request before its body is read. */
    private void requirePossible(Asked asked) throws IOException {
        Model model = models.choose(asked.query().text("model"), asked.channels());
        if (asked.shape().length > 3) decodes.require(model, asked.latentShape(), asked.tiling(), 0);
    }

    private void decode(Exchange exchange, Admission.Ticket ticket, Asked asked, Body body, boolean base64)
            throws IOException {
        Model model = models.choose(asked.query().text("model"), asked.channels());
        exchange.fact("model", model.name());
        asked.requireBytes(body.size());
        ticket.start(exchange::isGone);
        ticket.reserve(Math.min(decodes.admission().budget(), 8 * body.size()), exchange::isGone);
        Latents latents = Computing.call(() -> asked.latents(body, model));
        DecodePlan plan = decodes.require(model, latents.shape(), asked.tiling(), 0);
        exchange.fact("frames", plan.video().members() * plan.video().frames());
        switch (asked.output()) {
            case MP4 -> video(exchange, ticket, model, latents, plan, asked);
            case PT -> tensor(exchange, ticket, model, latents, plan, asked, base64);
            case PIL -> {
                if (exchange.header("Accept").orElse("").startsWith("image/"))
                    picture(exchange, ticket, model, latents, plan, asked);
                else tensor(exchange, ticket, model, latents, plan, asked, base64);
            }
        }
        exchange.fact("queue", Json.seconds(ticket.waitedSeconds()));
    }

    private void tensor(
            Exchange exchange,
            Admission.Ticket ticket,
            Model model,
            Latents latents,
            DecodePlan plan,
            Asked asked,
            boolean base64)
            throws IOException {
        TensorReply reply = new TensorReply(asked.layout(), asked.replyType(), plan.video(), asked.shape().length < 5);
        if (base64 && reply.bytes() > MOST_BASE64)
            throw new Problem(Problem.TOO_LARGE, "The reply has " + reply.bytes() + " bytes, too many for base64.");
        var collected = new ByteArrayOutputStream();
        FrameSink sink = reply.sink(() -> {
            if (base64) return collected;
            exchange.header("shape", TensorReply.text(reply.shape()));
            exchange.header("dtype", TensorReply.text(reply.dtype()));
            return exchange.stream(200, accepted(exchange, TENSOR), reply.bytes());
        });
        long extra = reply.heldBytes() + (base64 ? 4 * reply.bytes() : 0);
        try (sink) {
            decodes.run(model, latents, asked.tiling(), extra, sink, ticket, (d, t, w) -> {}, exchange::isGone);
        }
        if (base64)
            exchange.json(200, json -> {
                json.writeBinaryField("inputs", collected.toByteArray());
                json.writeObjectFieldStart("parameters");
                json.writeFieldName("shape");
                json.writeArray(reply.shape(), 0, reply.shape().length);
                json.writeStringField("dtype", TensorReply.text(reply.dtype()));
                json.writeEndObject();
            });
    }

    private void picture(
            Exchange exchange, Admission.Ticket ticket, Model model, Latents latents, DecodePlan plan, Asked asked)
            throws IOException {
        if (plan.video().members() * plan.video().frames() > 1)
            throw Problem.bad("These latents make "
                    + plan.video().members() * plan.video().frames()
                    + " pictures, and a picture's file holds one: ask for output_type pt or mp4, or pass a processor.");
        boolean png = asked.imageFormat() == ImageFormat.PNG;
        byte[][] file = new byte[1][];
        FrameSink sink = (member, index, frame) -> file[0] = png ? Pictures.png(frame) : Pictures.jpeg(frame);
        decodes.run(model, latents, asked.tiling(), 0, sink, ticket, (d, t, w) -> {}, exchange::isGone);
        exchange.reply(200, png ? "image/png" : "image/jpeg", file[0]);
    }

    private void video(
            Exchange exchange, Admission.Ticket ticket, Model model, Latents latents, DecodePlan plan, Asked asked)
            throws IOException {
        if (plan.video().members() > 1)
            throw Problem.bad("A video's file holds one video, but the latents are a batch of "
                    + plan.video().members() + ".");
        Mp4Options options = Mp4Options.DEFAULT.withFps(FPS);
        try (LazyStream out = new LazyStream(() -> exchange.stream(200, accepted(exchange, "video/mp4"), -1));
                FragmentedMp4Writer mp4 = FragmentedMp4Writer.to(out, options)) {
            decodes.run(model, latents, asked.tiling(), 0, mp4, ticket, (d, t, w) -> {}, exchange::isGone);
        }
    }

    /** The media type that the client accepts for the reply. */
    private static String accepted(Exchange exchange, String otherwise) {
        return exchange.header("Accept")
                .filter(type -> MEDIA_TYPE.matcher(type).matches())
                .orElse(otherwise);
    }

    /**
     * The query of a decode request.
     *
     * @param shape  sizes of the latents: {@code [B][C][F][H][W]}, {@code [B][C][H][W]}, or packed
     * @param output what to make
     */
    private record Asked(Query query, long[] shape, Type type, OutputType output) {
        static Asked of(Query query) {
            long[] shape = query.sizes("shape");
            if (shape.length < 3 || shape.length > 5)
                throw Problem.bad(
                        "The parameter shape has " + shape.length
                                + " sizes, expected [batch, channels, frames, height, width] or [batch, channels, height, width].");
            Type type = query.choice("dtype", Type.class)
                    .orElseThrow(() -> Problem.bad(
                            "The parameter dtype is missing, expected float16, bfloat16, float32 or uint8."));
            return new Asked(
                    query,
                    shape,
                    type,
                    query.choice("output_type", OutputType.class).orElse(OutputType.PIL));
        }

        long channels() {
            return shape.length == 3 ? shape[2] / 4 : shape[1];
        }

        Tiling tiling() {
            return query.tiling("tile");
        }

        ImageFormat imageFormat() {
            return query.choice("image_format", ImageFormat.class).orElse(ImageFormat.JPG);
        }

        Layout layout() {
            if (output == OutputType.PIL) return Layout.UNIT;
            return query.flag("partial_postprocess", false) ? Layout.BYTES : Layout.SAMPLE;
        }

        DType replyType() {
            if (layout() == Layout.BYTES) return DType.U8;
            return type == Type.UINT8 ? DType.F32 : type.dtype;
        }

        /** @throws Problem if there are too many */
        LatentShape latentShape() {
            try {
                return new LatentShape(
                        (int) shape[0],
                        (int) shape[1],
                        shape.length == 5 ? (int) shape[2] : 1,
                        (int) shape[shape.length - 2],
                        (int) shape[shape.length - 1]);
            } catch (IllegalArgumentException e) {
                throw Problem.bad(e.getMessage());
            }
        }

        void requireBytes(long found) {
            long expected;
            try {
                expected = Arrays.stream(shape).reduce(type.dtype.bytes(), Math::multiplyExact);
            } catch (ArithmeticException e) {
                expected = Long.MAX_VALUE;
            }
            if (found != expected)
                throw Problem.bad("The body has " + found + " bytes, expected " + expected + " for shape "
                        + Arrays.toString(shape) + " and dtype "
                        + query.text("dtype").orElseThrow() + ".");
        }

        /** Reads the latents. They count as already denormalised unless the query asks for scaling. */
        Latents latents(Body body, Model model) throws IOException {
            OptionalDouble factor = query.number("scaling_factor"), shift = query.number("shift_factor");
            if (factor.isPresent() && factor.getAsDouble() == 0)
                throw Problem.bad("The parameter scaling_factor is 0, expected a number to divide by.");
            boolean normalized = factor.isEmpty() && query.flag("do_scaling", false);
            LatentRequest request = LatentRequest.DEFAULT
                    .withSpaces(List.of(model.config().latentSpace()))
                    .withMeaning(normalized ? Meaning.NORMALIZED : Meaning.RAW);
            if (shape.length > 3) request = request.withAxes(new LatentAxes(shape.length == 5 ? "bcfhw" : "bchw"));
            else
                request = request.withSize(new LatentRequest.Size(
                        query.integer("height", 1, 1 << 20).orElseThrow(Asked::packed),
                        query.integer("width", 1, 1 << 20).orElseThrow(Asked::packed)));
            Latents latents;
            try (TensorFile file = body.raw(type.dtype, shape)) {
                latents = LatentReading.of(file, request).latents();
            }
            if (factor.isEmpty()) return latents;
            float scale = (float) factor.getAsDouble(), zero = (float) shift.orElse(0);
            return mapped(latents, value -> value / scale + zero); // as image pipelines do
        }

        private static Problem packed() {
            return Problem.bad("Packed latents, of three axes, need the parameters height and width.");
        }
    }

    private interface FloatMap {
        float of(float value);
    }

    private static Latents mapped(Latents latents, FloatMap map) {
        float[] values = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        for (int i = 0; i < values.length; i++) values[i] = map.of(values[i]);
        return Latents.of(latents.shape(), MemorySegment.ofArray(values))
                .withName(latents.name())
                .raw();
    }
}
