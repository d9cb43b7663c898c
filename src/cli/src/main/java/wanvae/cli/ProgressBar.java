package wanvae.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import wanvae.decode.DecodeListener;

/** One line on a terminal, drawn over itself: share done, frames, speed, time left. Not for several threads at once. */
final class ProgressBar implements DecodeListener, AutoCloseable {
    private static final int CELLS = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final PrintStream terminal;
    private final LongSupplier clock;
    private final long start;
    private long drawn;
    private boolean visible;

    /** @param terminal where to draw; null draws nothing */
    ProgressBar(PrintStream terminal) {
        this(terminal, System::nanoTime);
    }

    ProgressBar(PrintStream terminal, LongSupplier clock) {
        this.terminal = terminal;
        this.clock = clock;
        start = clock.getAsLong();
        drawn = start - REDRAW_NANOS;
    }

    @Override
    public void progress(int framesDone, int framesTotal, double workDone) {
        long now = clock.getAsLong();
        if (terminal == null || now - drawn < REDRAW_NANOS) return;
        drawn = now;
        terminal.print("\r" + line(framesDone, framesTotal, workDone, (now - start) / 1e9) + "\033[K");
        terminal.flush();
        visible = true;
    }

    private static String line(int framesDone, int framesTotal, double workDone, double seconds) {
        double share = Math.clamp(workDone, 0, 1);
        int full = (int) (share * CELLS);
        StringBuilder line = new StringBuilder("[")
                .repeat("=", full)
                .repeat(" ", CELLS - full)
                .append("] ");
        line.append(String.format(Locale.ROOT, "%3.0f%%  %d/%d frames", share * 100, framesDone, framesTotal));
        if (framesDone > 0) line.append("  ").append(speed(framesDone, seconds));
        if (share > 0.005 && seconds > 1)
            line.append("  ").append(duration(seconds * (1 - share) / share)).append(" left");
        return line.toString();
    }

    /** "2.3 frames/s", or "4.1 s/frame" where that is the larger number. */
    static String speed(int frames, double seconds) {
        double perSecond = frames / Math.max(seconds, 1e-9);
        return perSecond >= 1
                ? String.format(Locale.ROOT, "%.1f frames/s", perSecond)
                : String.format(Locale.ROOT, "%.1f s/frame", 1 / perSecond);
    }

    /** "0:07", "12:34", "1:02:03". */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /** Wipes the line. */
    @Override
    public void close() {
        if (visible) {
            terminal.print("\r\033[K");
            terminal.flush();
        }
        visible = false;
    }
}
