package wanvae.video.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.movie.MovieFile;
import wanvae.video.movie.MovieTrack;
import wanvae.video.movie.SampleTable;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.FullRange;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Yuv;

/** Reads the pictures of an MP4 or QuickTime file with H.264, in display order. */
final class MovieSource implements PictureSource {
    /** Pictures that may wait for one that is shown before them: more than H.264 allows. */
    private static final int MOST_WAITING = 34;

    /** Names of other codecs, for messages. */
    private static final Map<String, String> CODECS = Map.ofEntries(
            Map.entry("hvc1", "HEVC (H.265)"),
            Map.entry("hev1", "HEVC (H.265)"),
            Map.entry("av01", "AV1"),
            Map.entry("vp09", "VP9"),
            Map.entry("mp4v", "MPEG-4 Part 2"),
            Map.entry("apch", "ProRes"),
            Map.entry("apcn", "ProRes"),
            Map.entry("apcs", "ProRes"),
            Map.entry("apco", "ProRes"),
            Map.entry("ap4h", "ProRes"),
            Map.entry("jpeg", "Motion JPEG"),
            Map.entry("mjpg", "Motion JPEG"));

    private final String name;
    private final MovieFile file;
    private final MovieTrack track;
    private final AvcDecoder decoder;
    private final ColorMatrix matrix;
    private final boolean full;
    private final Optional<Fps> fps;
    private final List<String> notes = new ArrayList<>();
    /** The samples that are shown, in display order. */
    private final int[] shown;

    private final Map<Integer, Picture> waiting = new HashMap<>();
    private int decoded, given;

    private MovieSource(Path path, MovieFile file, Color color) throws FormatException {
        this.name = path.toString();
        this.file = file;
        this.track = file.tracks().stream()
                .filter(candidate -> candidate.handler().equals("vide"))
                .findFirst()
                .orElseThrow(() -> new FormatException(name + " has no pictures: "
                        + (file.tracks().isEmpty() ? "it has no tracks" : "none of its tracks is a video")));
        byte[] configuration = track.boxes().get("avcC");
        if (configuration == null
                || !track.codec().equals("avc1") && !track.codec().equals("avc3"))
            throw new FormatException(name + " is coded with "
                    + CODECS.getOrDefault(track.codec(), FormatException.quote(track.codec()))
                    + ", and only H.264 is decoded; " + pipe(name));
        this.decoder = new AvcDecoder(name, configuration);
        AvcHeaders.Sequence sequence = decoder.sequence();
        byte[] box = track.boxes().get("colr");
        boolean tagged =
                box != null && box.length >= 11 && new String(box, 0, 4, StandardCharsets.ISO_8859_1).equals("nclx");
        int code = sequence.matrix() != 2 || !tagged
                ? sequence.matrix()
                : ByteBuffer.wrap(box).getShort(8);
        this.full = sequence.range() >= 0 ? sequence.range() == 1 : tagged && box[10] < 0;
        this.matrix = matrix(code, color);
        this.shown = shown();
        this.fps = rate();
    }

    static MovieSource open(Path path, Color color) throws IOException {
        MovieFile file = MovieFile.open(path);
        try {
            return new MovieSource(path, file, color);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The pipe through ffmpeg that decodes a file that is not supported here. */
    static String pipe(String name) {
        return "ffmpeg decodes it: ffmpeg -i " + name
                + " -pix_fmt yuv420p -f yuv4mpegpipe - | wanvae …, with - in place " + "of the file";
    }

    /** The matrix of a code point of ITU-T H.273; the one that {@code color} chooses if the code says nothing. */
    private ColorMatrix matrix(int code, Color color) {
        return switch (code) {
            case 1 -> ColorMatrix.BT709;
            case 5, 6 -> ColorMatrix.BT601;
            case 2 -> color.matrix(decoder.sequence().height());
            default -> {
                ColorMatrix assumed = color.matrix(decoder.sequence().height());
                notes.add(name + " was made with matrix " + code + " of H.273, which is taken as " + assumed
                        + " (--color sets it)");
                yield assumed;
            }
        };
    }

    private int[] shown() throws FormatException {
        SampleTable samples = track.samples();
        List<MovieTrack.Edit> edits =
                track.edits().stream().filter(edit -> edit.mediaTime() >= 0).toList();
        long from = Long.MIN_VALUE, to = Long.MAX_VALUE;
        if (edits.size() == 1) {
            MovieTrack.Edit edit = edits.getFirst();
            from = edit.mediaTime();
            double length = edit.duration() * track.timescale();
            // Players round to whole frames: half a unit of either clock must not cost one.
            if (length > 0 && length < 1e15) to = from + Math.round(length);
        } else if (edits.size() > 1)
            notes.add(name + " is cut together by an edit list, and is taken as it was before");
        long begin = from, end = to;
        int[] order = IntStream.range(0, samples.count())
                .filter(i -> samples.time(i) >= begin && samples.time(i) < end)
                .boxed()
                .sorted((a, b) -> Long.compare(samples.time(a), samples.time(b)))
                .mapToInt(Integer::intValue)
                .toArray();
        if (order.length == 0) throw new FormatException(name + " has no frames");
        return order;
    }

    private Optional<Fps> rate() {
        SampleTable samples = track.samples();
        long ticks = 0, least = Long.MAX_VALUE, most = 0;
        for (int i : shown) {
            ticks += samples.duration(i);
            if (i == samples.count() - 1 && shown.length > 1) continue; // the last duration is often wrong in files
            least = Math.min(least, samples.duration(i));
            most = Math.max(most, samples.duration(i));
        }
        try {
            if (least == most && most > 0) return Optional.of(new Fps(track.timescale(), Math.toIntExact(most)));
            if (ticks <= 0) return Optional.empty();
            if (most > least + 1)
                notes.add("frames of " + name + " last from " + least + " to " + most + " of " + track.timescale()
                        + " a second, and are taken as equally long");
            double rate = (double) shown.length * track.timescale() / ticks;
            return Optional.of(Fps.parse(String.format(Locale.ROOT, "%.3f", rate)));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    @Override
    public VideoShape shape() {
        return new VideoShape(
                1, shown.length, decoder.sequence().height(), decoder.sequence().width());
    }

    @Override
    public Optional<Fps> fps() {
        return fps;
    }

    @Override
    public List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public Optional<Picture> next() throws IOException {
        if (given == shown.length) return Optional.empty();
        int wanted = shown[given];
        while (!waiting.containsKey(wanted)) {
            if (decoded == track.samples().count() || waiting.size() > MOST_WAITING)
                throw new FormatException(name + ": the order of its frames is damaged");
            AvcDecoder.Planes planes = decoder.decode(file.sample(track, decoded), decoded);
            waiting.put(decoded++, picture(planes));
            // Pictures before the first one that is shown are needed for decoding only.
            if (given == 0) waiting.keySet().removeIf(sample -> !isShown(sample));
        }
        given++;
        return Optional.of(waiting.remove(wanted));
    }

    private boolean isShown(int sample) {
        return IntStream.of(shown).anyMatch(i -> i == sample);
    }

    private Picture picture(AvcDecoder.Planes planes) {
        Yuv yuv = new Yuv(
                decoder.sequence().height(),
                decoder.sequence().width(),
                matrix,
                Chroma.YUV420,
                planes.y(),
                planes.u(),
                planes.v());
        return full ? FullRange.of(yuv) : yuv;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
