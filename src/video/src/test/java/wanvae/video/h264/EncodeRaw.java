package wanvae.video.h264;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Development tool behind {@code scripts/check-h264} and {@code scripts/compare-x264}: encodes a raw file into a raw
 * {@code .h264} stream. Arguments: input, width, height, frames a second, {@code q5.0}, {@code qp26} or {@code b500000}
 * or several such with commas between them, keyint, threads, output, and, if wanted, a raw file for the encoder's own
 * reconstruction. Behind a rate there may be {@code /fast} or {@code /slow}, {@code /444} if the file is of 4:4:4 and not
 * 4:2:0, and {@code /live} for no lookahead. {@code %s} in the outputs' names stands for the rate with all of that, dashes
 * in place of slashes.
 */
final class EncodeRaw {
    private EncodeRaw() {}

    public static void main(String[] args) throws IOException {
        for (String rate : args[4].split(",")) encode(args, rate);
    }

    private static void encode(String[] args, String setting) throws IOException {
        List<String> choices = Arrays.asList(setting.split("/"));
        String rate = choices.getFirst();
        ChromaFormat chroma = choices.contains("444") ? ChromaFormat.YUV444 : ChromaFormat.YUV420;
        int width = Integer.parseInt(args[1]), height = Integer.parseInt(args[2]);
        Duration before = processorTime();
        H264Config config = H264Config.of(width, height, Integer.parseInt(args[3]), 1)
                .withRate(
                        rate.startsWith("qp")
                                ? new Rate.ConstantQp(Integer.parseInt(rate.substring(2)))
                                : rate.startsWith("b")
                                        ? new Rate.Bitrate(Long.parseLong(rate.substring(1)))
                                        : new Rate.Quality(Double.parseDouble(rate.substring(1))))
                .withChroma(chroma)
                .withKeyint(Integer.parseInt(args[5]))
                .withThreads(Integer.parseInt(args[6]));
        for (Effort effort : Effort.values())
            if (choices.contains(effort.name().toLowerCase(Locale.ROOT))) config = config.withEffort(effort);
        if (choices.contains("live")) config = config.withLookahead(0);
        long[] bytes = {0};
        int frames = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(args[0])));
                OutputStream out = new BufferedOutputStream(
                        Files.newOutputStream(Path.of(args[7].formatted(setting.replace('/', '-')))));
                OutputStream shown = args.length > 8
                        ? new BufferedOutputStream(
                                Files.newOutputStream(Path.of(args[8].formatted(setting.replace('/', '-')))))
                        : null;
                H264Encoder encoder = new H264Encoder(
                        config,
                        frame -> {
                            out.write(EncodedFrame.annexB(frame.nal()));
                            bytes[0] += frame.nal().length + 4;
                        },
                        shown == null ? null : new InOrder(shown))) {
            out.write(EncodedFrame.annexB(encoder.sps()));
            out.write(EncodedFrame.annexB(encoder.pps()));
            YuvFrame frame = YuvFrame.black(chroma, width, height);
            while (in.readNBytes(frame.y(), 0, frame.y().length) == frame.y().length) {
                in.readNBytes(frame.u(), 0, frame.u().length);
                in.readNBytes(frame.v(), 0, frame.v().length);
                encoder.encode(frame);
                frames++;
            }
            encoder.finish();
        }
        // Of processor time, with the JVM's own and compilation: what a core does, whatever else runs on the machine.
        double seconds = processorTime().minus(before).toNanos() / 1e9;
        System.out.printf(
                "%s: %d frames, %d bytes, %.2f frames/s a core%n", setting, frames, bytes[0], frames / seconds);
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    /** Writes frames in display order, whatever the order they come in. */
    private static final class InOrder implements H264Encoder.Watcher {
        private final OutputStream out;
        private final Map<Integer, YuvFrame> waiting = new HashMap<>();
        private int next;

        InOrder(OutputStream out) {
            this.out = out;
        }

        @Override
        public synchronized void reconstructed(int number, YuvFrame frame) {
            waiting.put(number, frame);
            try {
                for (YuvFrame ready = waiting.remove(next); ready != null; ready = waiting.remove(next)) {
                    out.write(ready.y());
                    out.write(ready.u());
                    out.write(ready.v());
                    next++;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
