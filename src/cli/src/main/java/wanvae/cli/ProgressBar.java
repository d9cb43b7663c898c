package wanvae.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import wanvae.decode.DecodeListener;

/**
 * One line on a terminal that is redrawn in place: share done, frames, speed and time left, as far as they fit. Not
 * safe for use by several threads at once.
 */
final class ProgressBar implements DecodeListener, AutoCloseable {
    private static final int CELLS = 24, FEWEST_CELLS = 8;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Optional<PrintStream> terminal;
    private final IntSupplier columns;
    private final LongSupplier clock;
    private final long start;
    private long drawn;
    /** Number of characters in the line on the terminal. */
    private int length;

    /** A bar on the console's terminal. It draws nothing if there is no terminal or {@code quiet} is set. */
    ProgressBar(Console console, boolean quiet) {
        this(
                console.width().isPresent() && !quiet ? Optional.of(console.err()) : Optional.empty(),
                console.width().orElse(() -> 0),
                System::nanoTime);
    }

    ProgressBar(Optional<PrintStream> terminal, IntSupplier columns, LongSupplier clock) {
        this.terminal = terminal;
        this.columns = columns;
        this.clock = clock;
        start = clock.getAsLong();
        drawn = start - REDRAW_NANOS;
    }

    @Override
    public void progress(int framesDone, int framesTotal, double workDone) {
        long now = clock.getAsLong();
        if (terminal.isEmpty() || now - drawn < REDRAW_NANOS) return;
        drawn = now;
        int width = columns.getAsInt();
        String line = line(framesDone, framesTotal, workDone, (now - start) / 1e9, width - 1);
        draw(back(width) + line + "\033[K");
        length = line.length();
    }

    private void draw(String text) {
        terminal.get().print(text);
        terminal.get().flush();
    }

    /**
     * Moves to the beginning of the line that was drawn last. If the window has become narrower and wrapped the line,
     * the rows below are cleared, too.
     */
    private String back(int width) {
        int rows = width > 0 && length > width ? (length - 1) / width : 0;
        return rows == 0 ? "\r" : "\033[" + rows + "A\r\033[J";
    }

    /**
     * The line in at most {@code width} characters. If necessary the bar is shortened first, then the last parts are
     * left out.
     */
    private static String line(int framesDone, int framesTotal, double workDone, double seconds, int width) {
        double share = Math.clamp(workDone, 0, 1);
        String percent = String.format(Locale.ROOT, "%3.0f%%", share * 100);
        String frames = "  " + framesDone + (framesTotal < 0 ? "" : "/" + framesTotal) + " frames";
        String speed = framesDone > 0 ? "  " + speed(framesDone, seconds) : "";
        String left = share > 0.005 && seconds > 1 ? "  " + duration(seconds * (1 - share) / share) + " left" : "";
        for (String text : List.of(percent + frames + speed + left, percent + frames + left, percent + left, percent)) {
            int cells = Math.min(CELLS, width - text.length() - "[] ".length());
            if (cells >= FEWEST_CELLS) return bar(share, cells) + " " + text;
        }
        return width < percent.length() ? "" : percent;
    }

    private static String bar(double share, int cells) {
        int full = (int) (share * cells);
        return "[" + "=".repeat(full) + " ".repeat(cells - full) + "]";
    }

    /** The speed as "2.3 frames/s", or as "4.1 s/frame" if that number is larger. */
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
        if (length > 0) draw(back(columns.getAsInt()) + "\033[K");
        length = 0;
    }
}
