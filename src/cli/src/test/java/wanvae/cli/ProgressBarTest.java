package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();

    private String drawn() {
        String text = terminal.toString(StandardCharsets.UTF_8);
        terminal.reset();
        return text;
    }

    @Test
    void tellsFramesSpeedAndTimeLeft() {
        try (ProgressBar bar = new ProgressBar(new PrintStream(terminal, true), nanos::get)) {
            nanos.set(20_000_000_000L);
            bar.progress(5, 21, 0.25);
            assertEquals("\r[======                  ]  25%  5/21 frames  4.0 s/frame  1:00 left\033[K", drawn());
            bar.progress(6, 21, 0.26);
            assertEquals("", drawn(), "drawn at most ten times a second");
            nanos.set(20_200_000_000L);
            bar.progress(21, 21, 1);
            assertEquals("\r[========================] 100%  21/21 frames  1.0 frames/s  0:00 left\033[K", drawn());
        }
        assertEquals("\r\033[K", drawn(), "wiped at the end");
    }

    @Test
    void drawsNothingWithoutATerminal() {
        try (ProgressBar bar = new ProgressBar(null, nanos::get)) {
            nanos.set(1_000_000_000_000L);
            bar.progress(1, 2, 0.5);
        }
        assertEquals("", drawn());
    }

    @Test
    void writesDurationsAndSpeedsShort() {
        assertEquals("0:07", ProgressBar.duration(7.2));
        assertEquals("12:34", ProgressBar.duration(754));
        assertEquals("1:02:03", ProgressBar.duration(3723));
        assertEquals("2.5 frames/s", ProgressBar.speed(5, 2));
        assertEquals("4.0 s/frame", ProgressBar.speed(5, 20));
    }
}
