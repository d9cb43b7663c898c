package wanvae.cli;

import java.io.IOException;
import java.util.List;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/** Passes pictures on to a sink and compares each with the next picture of a source. */
final class Comparison implements PictureSink {
    private final FrameSource source;
    private final PictureSink sink;
    private double squares;
    private long values;

    /** @param sink stays the caller's */
    Comparison(FrameSource source, PictureSink sink) {
        this.source = source;
        this.sink = sink;
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        sink.begin(shape);
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        Frame expected = source.next().orElseThrow(), actual = picture.toFrame();
        float[] a = new float[3 * expected.width()], b = new float[3 * expected.width()];
        for (int y = 0; y < expected.height(); y++) {
            expected.row(y, a);
            actual.row(y, b);
            for (int i = 0; i < a.length; i++) {
                double d = (a[i] - b[i]) / 2;
                squares += d * d;
            }
            values += a.length;
        }
        sink.picture(member, index, picture);
    }

    @Override
    public void finish() throws IOException {
        sink.finish();
    }

    @Override
    public List<String> warnings() {
        return sink.warnings();
    }

    @Override
    public void close() {}

    /** Peak signal-to-noise ratio of all pictures so far, in decibels. */
    double psnr() {
        return -10 * Math.log10(squares / values);
    }
}
