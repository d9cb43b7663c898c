package wanvae.video;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How to write an MP4. Immutable; start with {@link #fps(int)} or {@link #DEFAULT} and change what matters: {@code
 * Mp4Options.fps(16).quality(5)}.
 *
 * @param fps            frames per second, stored exactly
 * @param quality        0 to 10, decimals allowed: x264's constant rate factor 51 to 0, as imageio maps it (default 5)
 * @param bitrate        average bits per second, instead of a constant quality
 * @param qp             the same quantiser for every block, 0 to 51, instead of either
 * @param keyint         most frames from one key frame to the next (default 250)
 * @param macroBlockSize pictures are enlarged to the next multiple of it in each direction, as imageio does (default
 *                       16; 1: never)
 * @param color          which matrix makes Y'CbCr of RGB; tagged in the file (default {@link Color#AUTO})
 * @param threads        threads of the encoder's own, at least 1; the bytes do not depend on it (default 1)
 */
public record Mp4Options(
        Fps fps,
        double quality,
        OptionalLong bitrate,
        OptionalInt qp,
        int keyint,
        int macroBlockSize,
        Color color,
        int threads) {
    /** 16 frames per second, quality 5. */
    public static final Mp4Options DEFAULT = fps(16);

    public Mp4Options {
        if (!(quality >= 0 && quality <= 10)) throw new IllegalArgumentException("quality is 0 to 10, not " + quality);
        if (bitrate.isPresent() && bitrate.getAsLong() < 1)
            throw new IllegalArgumentException("bitrate is at least 1, not " + bitrate.getAsLong());
        if (qp.isPresent() && (qp.getAsInt() < 0 || qp.getAsInt() > 51))
            throw new IllegalArgumentException("qp is 0 to 51, not " + qp.getAsInt());
        if (keyint < 1) throw new IllegalArgumentException("keyint is at least 1, not " + keyint);
        if (macroBlockSize < 1 || macroBlockSize > 1024)
            throw new IllegalArgumentException("macroBlockSize is 1 to 1024, not " + macroBlockSize);
        if (threads < 1) throw new IllegalArgumentException("threads is at least 1, not " + threads);
    }

    public static Mp4Options fps(int fps) {
        return fps(Fps.of(fps));
    }

    public static Mp4Options fps(Fps fps) {
        return new Mp4Options(fps, 5, OptionalLong.empty(), OptionalInt.empty(), 250, 16, Color.AUTO, 1);
    }

    public Mp4Options quality(double quality) {
        return new Mp4Options(fps, quality, bitrate, qp, keyint, macroBlockSize, color, threads);
    }

    public Mp4Options bitrate(long bitrate) {
        return new Mp4Options(fps, quality, OptionalLong.of(bitrate), qp, keyint, macroBlockSize, color, threads);
    }

    public Mp4Options qp(int qp) {
        return new Mp4Options(fps, quality, bitrate, OptionalInt.of(qp), keyint, macroBlockSize, color, threads);
    }

    public Mp4Options keyint(int keyint) {
        return new Mp4Options(fps, quality, bitrate, qp, keyint, macroBlockSize, color, threads);
    }

    public Mp4Options macroBlockSize(int macroBlockSize) {
        return new Mp4Options(fps, quality, bitrate, qp, keyint, macroBlockSize, color, threads);
    }

    public Mp4Options color(Color color) {
        return new Mp4Options(fps, quality, bitrate, qp, keyint, macroBlockSize, color, threads);
    }

    public Mp4Options threads(int threads) {
        return new Mp4Options(fps, quality, bitrate, qp, keyint, macroBlockSize, color, threads);
    }
}
