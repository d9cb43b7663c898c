package wanvae.server;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import wanvae.decode.Tiling;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.LatentRequest.Meaning;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.server.Models.Model;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Fps;

/**
 * A request of the plain API, without its body.
 *
 * @param model   the model's name, if the request names one
 * @param format  format of the result
 * @param latents how to read the latents in the body
 * @param tiling  whether to decode in tiles
 * @param fps     frames a second; empty: the model's own rate
 * @param video   how to encode the video, apart from the frame rate
 */
record Order(
        Optional<String> model,
        OutputFormat format,
        LatentRequest latents,
        Tiling tiling,
        Optional<Fps> fps,
        Mp4Options video) {
    /** @throws Problem if a parameter is invalid */
    static Order of(Query query, Models models) {
        Optional<String> model = query.text("model");
        LatentRequest latents = LatentRequest.DEFAULT.withSpaces(models.spaces(model));
        if (query.text("key").isPresent())
            latents = latents.withKey(query.text("key").get());
        if (query.axes("axes").isPresent())
            latents = latents.withAxes(query.axes("axes").get());
        if (query.size("size").isPresent())
            latents = latents.withSize(query.size("size").get());
        latents = latents.withMeaning(query.choice("latents", Meaning.class).orElse(Meaning.UNKNOWN));
        Mp4Options video = Mp4Options.DEFAULT;
        Optional<Fps> fps = query.fps("fps");
        video = fps.isEmpty() ? video : checked("fps", fps.get(), video::withFps);
        OptionalDouble quality = query.number("quality");
        video = quality.isEmpty() ? video : checked("quality", quality.getAsDouble(), video::withQuality);
        return new Order(
                model,
                query.choice("format", OutputFormat.class).orElse(OutputFormat.MP4),
                latents,
                query.tiling("tile"),
                fps,
                video);
    }

    private static <T> Mp4Options checked(String parameter, T value, Function<T, Mp4Options> change) {
        try {
            return change.apply(value);
        } catch (IllegalArgumentException e) {
            throw Problem.bad("The parameter " + parameter + ": " + e.getMessage() + ".");
        }
    }

    /** How to encode a video of this model. */
    Mp4Options video(Model model) {
        return video.withFps(fps.orElse(Fps.of(model.config().defaultFps())));
    }

    /**
     * How to encode a preview, each of whose frames stands for several of a video of this model.
     *
     * @throws Problem if they would be too slow
     */
    Mp4Options preview(Model model) {
        Mp4Options whole = video(model);
        return checked(
                "fps",
                model.config().temporalScale(),
                n -> whole.withFps(whole.fps().dividedBy(n)));
    }

    /**
     * Refuses a body of which this order cannot be carried out, as far as its description tells: its values are not
     * read.
     *
     * @throws wanvae.tensorfile.FormatException if the body is damaged or has no latents
     * @throws Problem if they are too large, fit no model, or do not fit into one file
     */
    void requirePossible(Body body, Models models, Decodes decodes) throws IOException {
        try (TensorFile file = body.tensors()) {
            bytes(file, decodes);
            Problem refusal = null;
            for (LatentShape shape : LatentReading.shapes(file, latents)) {
                Model chosen = models.choose(model, shape.channels());
                try {
                    PlainApi.requireOne(
                            format, decodes.require(chosen, shape, tiling, 0).video());
                    return;
                } catch (Problem e) {
                    if (refusal == null) refusal = e;
                }
            }
            throw refusal;
        }
    }

    /** The bytes of the largest tensor as float32, which there must be room for. */
    private static long bytes(TensorFile file, Decodes decodes) {
        long bytes = 0;
        for (TensorInfo tensor : file.tensors().values()) bytes = Math.max(bytes, tensor.elements() * Float.BYTES);
        // The latents are held twice for a while, in the file's order of axes and in wanvae's.
        if (bytes > decodes.admission().budget() / 2)
            throw new Problem(
                    Problem.TOO_LARGE,
                    "The body holds " + bytes + " bytes of float32, more than this server has memory for.");
        return bytes;
    }

    /**
     * The content of the body.
     *
     * @param notes a sentence for each choice between possible readings
     */
    record Read(Model model, Latents latents, List<String> notes) {}

    /**
     * Reads the latents.
     *
     * @param ticket one that has started; it reserves the memory for the latents
     * @throws wanvae.tensorfile.FormatException if the body is damaged or has no latents
     * @throws Problem if they are too large, or fit no model
     */
    Read read(Body body, Models models, Decodes decodes, Admission.Ticket ticket, BooleanSupplier cancelled)
            throws IOException {
        try (TensorFile file = body.tensors()) {
            ticket.reserve(2 * bytes(file, decodes) + 1, cancelled);
            LatentReading reading = Computing.call(() -> LatentReading.of(file, latents));
            Model chosen = models.choose(model, reading.latents().shape().channels());
            return new Read(
                    chosen,
                    reading.latents(),
                    reading.notes().stream().map(LatentReading.Note::text).toList());
        }
    }
}
