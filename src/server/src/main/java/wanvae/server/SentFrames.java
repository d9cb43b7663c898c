package wanvae.server;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import wanvae.config.VaeConfig;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.NpyFile;
import wanvae.tensorfile.TensorFile;
import wanvae.video.source.ClipSelection;
import wanvae.video.source.Fitting;
import wanvae.video.source.PictureSource;
import wanvae.video.source.SourceOptions;

/** The frames in a request's body. */
final class SentFrames {
    private static final int START = 12;

    private SentFrames() {}

    /**
     * Which frames of a file to encode, and at which size.
     *
     * @param clip which frames
     * @param size the size to resample them to; empty: they keep theirs
     * @param way  what to do with pixels and frames that do not fill a latent
     */
    record Selection(ClipSelection clip, Optional<Fitting.Size> size, Fitting.Way way) {
        /** All frames, as they are. */
        static final Selection ALL = new Selection(ClipSelection.ALL, Optional.empty(), Fitting.Way.REFERENCE);

        /** @throws Problem if a parameter is invalid */
        static Selection of(Query query) {
            Optional<Integer> frames = query.integer("frames", 1, Integer.MAX_VALUE);
            try {
                return new Selection(
                        new ClipSelection(
                                query.number("start").orElse(0),
                                query.fps("fps"),
                                frames.map(OptionalInt::of).orElse(OptionalInt.empty())),
                        query.size("size").map(size -> new Fitting.Size(size.width(), size.height())), // width first
                        query.choice("fit", Fitting.Way.class).orElse(Fitting.Way.REFERENCE));
            } catch (IllegalArgumentException e) {
                throw Problem.bad("The parameters choose no clip: " + e.getMessage() + ".");
            }
        }
    }

    /**
     * The frames of a file, whose kind is recognised by its first bytes.
     *
     * @param vae the VAE that will encode them
     * @throws FormatException if the file is damaged or holds no frames
     */
    static FrameSource of(Body body, Selection selection, VaeConfig vae) throws IOException {
        byte[] start = new byte[START];
        try (InputStream in = Files.newInputStream(body.file())) {
            in.readNBytes(start, 0, START);
        }
        Path file = body.named(ending(start));
        Fitting fitting = new Fitting(
                selection.size(), selection.way(), vae.spatialScale(), vae.temporalScale(), vae.imageChannels());
        FrameSource frames;
        try {
            PictureSource pictures =
                    PictureSource.open(file.toString(), InputStream.nullInputStream(), SourceOptions.DEFAULT);
            frames = fitting.of(selection.clip().of(pictures, Body.NAME));
        } catch (FormatException e) {
            throw renamed(e, file);
        }
        return new FrameSource() {
            @Override
            public VideoShape shape() {
                return frames.shape();
            }

            @Override
            public Optional<Frame> next() throws IOException {
                try {
                    return frames.next();
                } catch (FormatException e) {
                    throw renamed(e, file);
                }
            }

            @Override
            public void close() throws IOException {
                frames.close();
            }
        };
    }

    /** Replaces the name of the temporary file in a message, which means nothing to the client. */
    private static FormatException renamed(FormatException e, Path file) {
        return new FormatException(e.getMessage().replace(file.toString(), Body.NAME));
    }

    private static String ending(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u0089PNG")) return ".png";
        if (text.startsWith("\u00ff\u00d8")) return ".jpg";
        if (text.startsWith("YUV4MPEG2")) return ".y4m";
        if (text.startsWith("ftyp", 4)) return ".mp4";
        if (text.startsWith("GIF8")) return ".gif";
        if (text.startsWith("PK")) return ".npz";
        if (text.startsWith("\u0093NUMPY")) return ".npy";
        return ".safetensors";
    }

    /**
     * The frames of a tensor without a description, {@code [B][C][F][H][W]} or {@code [B][C][H][W]} of 3 or 4 channels:
     * floats in [-1, 1], or bytes.
     *
     * @param tensor stays the caller's
     * @throws Problem if the tensor has another shape
     */
    static FrameSource of(TensorFile tensor) throws IOException {
        var info = tensor.require(NpyFile.TENSOR);
        long[] sizes = info.shape();
        if (sizes.length != 4 && sizes.length != 5 || sizes[1] != 3 && sizes[1] != 4)
            throw Problem.bad("The parameter shape is " + Arrays.toString(sizes)
                    + ", expected [batch, 3, height, width] or [batch, 3, frames, height, width].");
        int last = sizes.length - 1, frames = sizes.length == 5 ? (int) sizes[2] : 1;
        if (sizes[last] * sizes[last - 1] > PictureSource.MOST_PIXELS)
            throw Problem.bad("Frames of " + sizes[last] + "x" + sizes[last - 1] + " have more than "
                    + PictureSource.MOST_PIXELS + " pixels.");
        VideoShape shape =
                new VideoShape((int) sizes[0], frames, (int) sizes[last - 1], (int) sizes[last], (int) sizes[1]);
        return new Planes(tensor, shape, info.dtype() == DType.U8);
    }

    /** Interleaves the planes of each frame. */
    private static final class Planes implements FrameSource {
        private final TensorFile tensor;
        private final VideoShape shape;
        private final boolean bytes;
        private int next;

        Planes(TensorFile tensor, VideoShape shape, boolean bytes) {
            this.tensor = tensor;
            this.shape = shape;
            this.bytes = bytes;
        }

        @Override
        public VideoShape shape() {
            return shape;
        }

        @Override
        public Optional<Frame> next() throws IOException {
            if (next == shape.members() * shape.frames()) return Optional.empty();
            int member = next / shape.frames(), index = next % shape.frames(), channels = shape.channels();
            int pixels = shape.height() * shape.width();
            float[] plane = new float[pixels], frame = new float[channels * pixels];
            for (int c = 0; c < channels; c++) {
                long first = ((long) (member * channels + c) * shape.frames() + index) * pixels;
                tensor.read(NpyFile.TENSOR, first, MemorySegment.ofArray(plane));
                for (int i = 0; i < pixels; i++) frame[channels * i + c] = bytes ? plane[i] / 127.5f - 1 : plane[i];
            }
            next++;
            return Optional.of(Frame.of(shape.height(), shape.width(), frame));
        }
    }
}
