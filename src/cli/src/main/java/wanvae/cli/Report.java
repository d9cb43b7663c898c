package wanvae.cli;

import java.util.Locale;
import wanvae.frame.VideoShape;

/** Parts of sentences about a video and the time it took. */
final class Report {
    private Report() {}

    /** "81 frames of 832x480", or "2 videos of 81 frames of 832x480". */
    static String video(VideoShape shape) {
        return (shape.members() == 1 ? "" : shape.members() + " videos of ")
                + (shape.frames() == 1 ? "1 frame" : shape.frames() + " frames") + " of " + shape.width() + "x"
                + shape.height();
    }

    /** "in 12.3 s, 2.7 frames/s". */
    static String time(int frames, double seconds) {
        return String.format(Locale.ROOT, "in %.1f s, %s", seconds, ProgressBar.speed(frames, seconds));
    }
}
