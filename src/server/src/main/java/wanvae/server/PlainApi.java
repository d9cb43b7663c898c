package wanvae.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import wanvae.decode.DecodePlan;
import wanvae.frame.FrameSink;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentRequest.Meaning;
import wanvae.latent.LatentWriting;
import wanvae.latent.Latents;
import wanvae.preview.LatentPreview;
import wanvae.server.Models.Model;
import wanvae.tensorfile.DType;
import wanvae.video.Mp4Options;
import wanvae.video.picture.PictureSink;

/** The API for clients without diffusers: files of latents become files of video, and the reverse. */
final class PlainApi {
    private static final int PREVIEW_SCALE = 4;

    private final Models models;
    private final Decodes decodes;
    private final Encodes encodes;
    private final Path folder;

    /** The formats of files of latents. */
    private enum LatentFormat {
        SAFETENSORS,
        NPY,
        PT
    }

    /** @param folder of temporary files */
    PlainApi(Models models, Decodes decodes, Encodes encodes, Path folder) {
        this.models = models;
        this.decodes = decodes;
        this.encodes = encodes;
        this.folder = folder;
    }

    /** POST /v1/decode: takes latents, answers with a video. */
    void decode(Exchange exchange) throws IOException {
        Order order = Order.of(exchange.query(), models);
        try (Admission.Ticket ticket = decodes.admission().join(Admission.Lane.LONG);
                Body body = exchange.body()) {
            ticket.start(exchange::isGone);
            Order.Read read = order.read(body, models, decodes, ticket, exchange::isGone);
            DecodePlan plan = decodes.require(read.model(), read.latents().shape(), order.tiling(), 0);
            requireOne(order.format(), plan.video());
            exchange.fact("model", read.model().name());
            exchange.fact("frames", plan.video().members() * plan.video().frames());
            Mp4Options options = order.video(read.model());
            OutputFormat format = order.format();
            if (format.streams())
                try (LazyStream out = new LazyStream(() -> exchange.stream(200, format.mediaType(), -1));
                        PictureSink sink = format.to(out, options)) {
                    decode(order, read, sink, ticket, exchange);
                }
            else
                reply(format).send(exchange, file -> {
                    try (PictureSink sink = format.create(file, options)) {
                        decode(order, read, sink, ticket, exchange);
                    }
                });
            exchange.fact("queue", Json.seconds(ticket.waitedSeconds()));
        }
    }

    private void decode(Order order, Order.Read read, FrameSink sink, Admission.Ticket ticket, Exchange exchange)
            throws IOException {
        decodes.run(
                read.model(),
                read.latents(),
                order.tiling(),
                0,
                sink,
                ticket,
                (done, total, work) -> {},
                exchange::isGone);
    }

    /** Refuses a batch or a clip that does not fit into one file of this format. */
    static void requireOne(OutputFormat format, VideoShape video) {
        if (video.members() > 1 && !format.holdsBatches())
            throw Problem.bad("The latents are a batch of " + video.members() + ", and a ." + format.ending()
                    + " holds one of them: send them one by one, or ask for npy or safetensors.");
        if (video.frames() > 1 && format == OutputFormat.PNG)
            throw Problem.bad("A .png holds one frame and there are " + video.frames() + ": ask for apng or gif.");
    }

    /** POST /v1/encode: takes a video, a picture or a tensor of frames, answers with latents. */
    void encode(Exchange exchange) throws IOException {
        Query query = exchange.query();
        LatentFormat format = query.choice("format", LatentFormat.class).orElse(LatentFormat.SAFETENSORS);
        Meaning meaning = query.choice("latents", Meaning.class).orElse(Meaning.NORMALIZED);
        Model model = encodes.choose(query.text("model"));
        exchange.fact("model", model.name());
        SentFrames.Selection selection = SentFrames.Selection.of(query);
        try (Admission.Ticket ticket = decodes.admission().join(Admission.Lane.LONG);
                Body body = exchange.body()) {
            ticket.start(exchange::isGone);
            String ending = format.name().toLowerCase(Locale.ROOT);
            new FileReply(folder, ending, "application/octet-stream").send(exchange, file -> {
                try (FrameSource frames = Computing.call(() -> SentFrames.of(body, selection, model.config()))) {
                    boolean normalized = meaning != Meaning.RAW;
                    Latents latents =
                            encodes.run(model, frames, query.tiling("tile"), normalized, ticket, exchange::isGone);
                    LatentWriting.write(latents, file, DType.F32, true);
                }
            });
            exchange.fact("queue", Json.seconds(ticket.waitedSeconds()));
        }
    }

    /** POST /v1/preview: takes latents, answers at once with a rough picture of them. */
    void preview(Exchange exchange) throws IOException {
        Order order = Order.of(exchange.query(), models);
        OutputFormat format =
                exchange.query().choice("format", OutputFormat.class).orElse(OutputFormat.APNG);
        int scale = exchange.query()
                .integer("scale", 1, LatentPreview.LARGEST_SCALE)
                .orElse(PREVIEW_SCALE);
        try (Admission.Ticket ticket = decodes.admission().join(Admission.Lane.QUICK);
                Body body = exchange.body()) {
            ticket.start(exchange::isGone);
            Order.Read read = order.read(body, models, decodes, ticket, exchange::isGone);
            Model model = read.model();
            LatentPreview preview = LatentPreview.of(read.latents(), model.config(), scale);
            VideoShape shape = preview.shape();
            requireOne(format, shape);
            exchange.fact("model", model.name());
            Mp4Options options = order.preview(model);
            reply(format)
                    .send(
                            exchange,
                            file -> Computing.call(() -> {
                                try (PictureSink sink = format.create(file, options)) {
                                    preview.render(sink);
                                }
                                return null;
                            }));
        }
    }

    /** POST /v1/plan: takes latents, answers with what their decode would cost. */
    void plan(Exchange exchange) throws IOException {
        Order order = Order.of(exchange.query(), models);
        try (Admission.Ticket ticket = decodes.admission().join(Admission.Lane.QUICK);
                Body body = exchange.body()) {
            ticket.start(exchange::isGone);
            Order.Read read = order.read(body, models, decodes, ticket, exchange::isGone);
            DecodePlan plan = decodes.plan(read.model(), read.latents().shape(), order.tiling());
            VideoShape video = plan.video();
            exchange.json(200, json -> {
                json.writeStringField("model", read.model().name());
                json.writeStringField("family", read.model().config().family());
                json.writeStringField("latents", read.latents().shape().toString());
                json.writeNumberField("videos", video.members());
                json.writeNumberField("frames", video.frames());
                json.writeNumberField("width", video.width());
                json.writeNumberField("height", video.height());
                json.writeNumberField("memory", plan.own());
                json.writeNumberField("memory_budget", decodes.admission().budget());
                json.writeBooleanField("fits", plan.memory() <= plan.limit());
                json.writeNumberField("seconds", Json.seconds(decodes.seconds(plan)));
                json.writeNumberField("waiting", decodes.admission().waiting());
                json.writeArrayFieldStart("notes");
                for (String note : read.notes()) json.writeString(note);
                json.writeEndArray();
            });
        }
    }

    /** GET /v1/models. */
    void models(Exchange exchange) {
        exchange.json(200, json -> {
            json.writeArrayFieldStart("models");
            for (Model model : models.all()) {
                json.writeStartObject();
                json.writeStringField("name", model.name());
                json.writeStringField("family", model.config().family());
                json.writeNumberField("channels", model.config().latentChannels());
                json.writeNumberField("scale", model.config().spatialScale());
                json.writeBooleanField("encodes", model.encodes());
                json.writeNumberField("fps", model.config().defaultFps());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** A reply of this format. */
    private FileReply reply(OutputFormat format) {
        return new FileReply(folder, format.ending(), format.mediaType());
    }
}
