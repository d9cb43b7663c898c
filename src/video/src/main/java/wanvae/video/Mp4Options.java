package wanvae.video;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import wanvae.video.h264.H264Config;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.Color;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PixelAspect;

/**
 * How to write an MP4. Immutable; start with {@link #DEFAULT} and change what matters: {@code
 * Mp4Options.DEFAULT.withFps(24).withQuality(7)}.
 *
 * @param fps            frames a second, stored exactly: at least 0.001, as a fraction with a denominator of at most
 *                       2^28 (default 16)
 * @param quality        0 to 10, decimals allowed, for x264's constant rate factors 51 to 0, as imageio maps them
 *                       (default 5)
 * @param bitrate        average bits a second, instead of a constant quality
 * @param qp             the same quantiser for every block, 0 to 51, instead of a quality or a bit rate
 * @param keyint         the most frames from one key frame to the next (default 250)
 * @param macroBlockSize pictures are enlarged to the next multiple of this many pixels in each direction, as imageio does
 *                       (default 16; 1: never)
 * @param color          which matrix makes Y'CbCr of RGB; tagged in the file (default {@link Color#AUTO})
 * @param chroma         how many samples of colour there are; tagged in the file. {@link Chroma#YUV444} keeps coloured
 *                       edges sharp, and asks for players of High 4:4:4 Predictive profile, which browsers and hardware
 *                       often are not (default {@link Chroma#YUV420})
 * @param pixelAspect    the shape of a pixel, tagged in the file (default: square)
 * @param lookahead      frames that the encoder sees beyond the one it codes (default 40). With fewer it delivers
 *                       sooner and compresses worse; with 0 a frame is coded before the call that passes it returns
 * @param preset         how much work to spend on smaller files (default {@link Preset#MEDIUM})
 * @param twoPass        a folder for the frames, 1.5 bytes a pixel or 3 in 4:4:4, if a bit rate is to be kept in two passes. Two
 *                       passes spend the bits where they are needed, and keep to the rate more closely (default: one
 *                       pass)
 * @param threads        threads of the encoder's own, at least 1; the bytes do not depend on it (default 1)
 * @param audio          a file whose sound is added without recoding, cut or continued with silence to the video's
 *                       length: AAC of an .m4a, .mp4 or .mov; in QuickTime also a .wav (default: none)
 * @param metadata       metadata of the video. {@code creation_time} is an instant of ISO 8601; ffmpeg's other keys,
 *                       like {@code title} and {@code comment}, go where players look for them, and any other key is
 *                       stored under its own name (default: nothing)
 */
public record Mp4Options(
        Fps fps,
        double quality,
        OptionalLong bitrate,
        OptionalInt qp,
        int keyint,
        int macroBlockSize,
        Color color,
        Chroma chroma,
        PixelAspect pixelAspect,
        int lookahead,
        Preset preset,
        Optional<Path> twoPass,
        int threads,
        Optional<Path> audio,
        Map<String, String> metadata) {
    /** Media times are 32-bit numbers, which slower frames would exceed. */
    private static final double LEAST_FPS = 0.001;
    /**
     * The denominator is how long a picture lasts in units of the media's clock, and a picture may be shown five pictures
     * after it is decoded.
     */
    private static final int LARGEST_DENOMINATOR = 1 << 28;

    private static final int LONGEST_KEY = 255;
    /** The longest value in bytes, since QuickTime's user data stores lengths in 16 bits. */
    private static final int LONGEST_VALUE = 0xffff;

    /** 16 frames a second, quality 5. */
    public static final Mp4Options DEFAULT = new Mp4Options(
            Fps.of(16),
            5,
            OptionalLong.empty(),
            OptionalInt.empty(),
            250,
            16,
            Color.AUTO,
            Chroma.YUV420,
            PixelAspect.SQUARE,
            H264Config.MAX_LOOKAHEAD,
            Preset.MEDIUM,
            Optional.empty(),
            1,
            Optional.empty(),
            Map.of());

    /** {@link #DEFAULT} without lookahead, for streams that are watched while they are written. */
    public static final Mp4Options LOW_LATENCY = DEFAULT.withLookahead(0);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Mp4Options {
        if (fps.value() < LEAST_FPS)
            throw new IllegalArgumentException("a frame rate is at least " + LEAST_FPS + ", not " + fps);
        if (fps.denominator() > LARGEST_DENOMINATOR)
            throw new IllegalArgumentException(
                    "a frame rate is a fraction with a denominator of at most " + LARGEST_DENOMINATOR + ", not " + fps);
        if (!(quality >= 0 && quality <= 10))
            throw new IllegalArgumentException("a quality is 0 to 10, not " + quality);
        if (bitrate.isPresent() && bitrate.getAsLong() < 1)
            throw new IllegalArgumentException("a bit rate is at least 1 bit a second, not " + bitrate.getAsLong());
        if (qp.isPresent() && (qp.getAsInt() < 0 || qp.getAsInt() > 51))
            throw new IllegalArgumentException("a quantiser is 0 to 51, not " + qp.getAsInt());
        if (keyint < 1) throw new IllegalArgumentException("key frames are at least 1 frame apart, not " + keyint);
        if (macroBlockSize < 1 || macroBlockSize > 1024)
            throw new IllegalArgumentException("a macro block size is 1 to 1024 pixels, not " + macroBlockSize);
        if (lookahead < 0 || lookahead > H264Config.MAX_LOOKAHEAD)
            throw new IllegalArgumentException(
                    "a lookahead is 0 to " + H264Config.MAX_LOOKAHEAD + " frames, not " + lookahead);
        if (threads < 1) throw new IllegalArgumentException("threads are at least 1, not " + threads);
        metadata = Map.copyOf(metadata);
        metadata.forEach(Mp4Options::checkMetadata);
    }

    private static void checkMetadata(String key, String value) {
        if (key.isEmpty() || key.length() > LONGEST_KEY || key.chars().anyMatch(c -> c < ' '))
            throw new IllegalArgumentException("a key of metadata is 1 to " + LONGEST_KEY
                    + " characters without control characters, not '" + key + "'");
        if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST_VALUE)
            throw new IllegalArgumentException("a value of metadata takes at most " + LONGEST_VALUE
                    + " bytes, and that of " + key + " takes more");
        if (!key.equals("creation_time")) return;
        try {
            Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "a creation_time is an instant like 2026-01-31T12:00:00Z, not '" + value + "'", e);
        }
    }

    /** With a whole number of frames a second, at least 1. */
    public Mp4Options withFps(int fps) {
        return withFps(Fps.of(fps));
    }

    /**
     * With a frame rate.
     *
     * @throws IllegalArgumentException if it is slower than 0.001 frames a second or too fine
     */
    public Mp4Options withFps(Fps fps) {
        return changed(draft -> draft.fps = fps);
    }

    /**
     * With a constant quality, 0 to 10. It has no effect if a bit rate or a quantiser is set. (diffusers' {@code
     * quality=None}, x264's constant rate factor 23, is 5.49.)
     */
    public Mp4Options withQuality(double quality) {
        return changed(draft -> draft.quality = quality);
    }

    /** With an average bit rate, in bits a second. It has no effect if a quantiser is set. */
    public Mp4Options withBitrate(long bitrate) {
        return changed(draft -> draft.bitrate = OptionalLong.of(bitrate));
    }

    /** With the same quantiser, 0 to 51, for every block. */
    public Mp4Options withQp(int qp) {
        return changed(draft -> draft.qp = OptionalInt.of(qp));
    }

    /** With at most this many frames from one key frame to the next. */
    public Mp4Options withKeyint(int keyint) {
        return changed(draft -> draft.keyint = keyint);
    }

    /** With pictures enlarged to multiples of this many pixels. */
    public Mp4Options withMacroBlockSize(int macroBlockSize) {
        return changed(draft -> draft.macroBlockSize = macroBlockSize);
    }

    /** With a choice of the matrix that makes Y'CbCr of RGB. */
    public Mp4Options withColor(Color color) {
        return changed(draft -> draft.color = color);
    }

    /** With so many samples of colour. Only MP4 has a choice. */
    public Mp4Options withChroma(Chroma chroma) {
        return changed(draft -> draft.chroma = chroma);
    }

    /** With pixels of this shape. */
    public Mp4Options withPixelAspect(PixelAspect pixelAspect) {
        return changed(draft -> draft.pixelAspect = pixelAspect);
    }

    /** With a lookahead of this many frames. */
    public Mp4Options withLookahead(int lookahead) {
        return changed(draft -> draft.lookahead = lookahead);
    }

    /** With more or less work for smaller files. */
    public Mp4Options withPreset(Preset preset) {
        return changed(draft -> draft.preset = preset);
    }

    /**
     * With two passes if a bit rate is set. {@link wanvae.video.picture.PictureSink#finish} runs the second one.
     *
     * @param folder for the frames of the clip, 1.5 bytes a pixel or 3 in 4:4:4
     */
    public Mp4Options withTwoPass(Path folder) {
        return changed(draft -> draft.twoPass = Optional.of(folder));
    }

    /** With this many threads of the encoder's own. */
    public Mp4Options withThreads(int threads) {
        return changed(draft -> draft.threads = threads);
    }

    /** With the sound of a file. */
    public Mp4Options withAudio(Path audio) {
        return changed(draft -> draft.audio = Optional.of(audio));
    }

    /** With metadata of the video. */
    public Mp4Options withMetadata(Map<String, String> metadata) {
        return changed(draft -> draft.metadata = metadata);
    }

    private Mp4Options changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** A mutable copy of the options, in which one of them is changed. */
    private static final class Draft {
        Fps fps;
        double quality;
        OptionalLong bitrate;
        OptionalInt qp;
        int keyint;
        int macroBlockSize;
        Color color;
        Chroma chroma;
        PixelAspect pixelAspect;
        int lookahead;
        Preset preset;
        Optional<Path> twoPass;
        int threads;
        Optional<Path> audio;
        Map<String, String> metadata;

        Draft(Mp4Options options) {
            fps = options.fps;
            quality = options.quality;
            bitrate = options.bitrate;
            qp = options.qp;
            keyint = options.keyint;
            macroBlockSize = options.macroBlockSize;
            color = options.color;
            chroma = options.chroma;
            pixelAspect = options.pixelAspect;
            lookahead = options.lookahead;
            preset = options.preset;
            twoPass = options.twoPass;
            threads = options.threads;
            audio = options.audio;
            metadata = options.metadata;
        }

        Mp4Options options() {
            return new Mp4Options(
                    fps,
                    quality,
                    bitrate,
                    qp,
                    keyint,
                    macroBlockSize,
                    color,
                    chroma,
                    pixelAspect,
                    lookahead,
                    preset,
                    twoPass,
                    threads,
                    audio,
                    metadata);
        }
    }
}
