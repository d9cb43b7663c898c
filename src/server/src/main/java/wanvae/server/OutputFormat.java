package wanvae.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import wanvae.video.FragmentedMp4Writer;
import wanvae.video.Mp4Options;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;
import wanvae.video.Y4mWriter;
import wanvae.video.picture.PictureSink;

/** The formats of a decode's result. Their names are the endings of files. */
enum OutputFormat {
    MP4("video/mp4", true),
    GIF("image/gif", false),
    APNG("image/apng", false),
    PNG("image/png", false),
    Y4M("video/x-yuv4mpeg", true),
    MOV("video/quicktime", false),
    NPY("application/octet-stream", false),
    SAFETENSORS("application/octet-stream", false);

    private final String mediaType;
    private final boolean streams;

    OutputFormat(String mediaType, boolean streams) {
        this.mediaType = mediaType;
        this.streams = streams;
    }

    static Optional<OutputFormat> ofEnding(String ending) {
        return Arrays.stream(values())
                .filter(format -> format.ending().equals(ending))
                .findFirst();
    }

    String mediaType() {
        return mediaType;
    }

    /** The ending of files, without its dot. */
    String ending() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether frames can be sent as soon as they are decoded. */
    boolean streams() {
        return streams;
    }

    /** Whether one file holds all members of a batch. */
    boolean holdsBatches() {
        return this == NPY || this == SAFETENSORS;
    }

    /** A writer to a stream, for formats that stream. */
    PictureSink to(OutputStream out, Mp4Options options) {
        return this == MP4
                ? FragmentedMp4Writer.to(out, options)
                : Y4mWriter.to(out, options.fps(), options.color(), options.pixelAspect());
    }

    /** A writer to a file, which appears under its name when it is complete. */
    PictureSink create(Path file, Mp4Options options) throws IOException {
        return VideoOutput.open(file, OutputOptions.DEFAULT.withVideo(options));
    }
}
