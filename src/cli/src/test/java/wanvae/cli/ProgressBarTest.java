package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressBarTest {
    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();

    private int width = 80;

    private String drawn() {
        String text = terminal.toString(StandardCharsets.UTF_8);
        terminal.reset();
        return text;
    }

    @Test
    void tellsFramesSpeedAndTimeLeft() {
        try (ProgressBar bar = new ProgressBar(Optional.of(new PrintStream(terminal, true)), () -> width, nanos::get)) {
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

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "69;[======                  ]  25%  5/21 frames  4.0 s/frame  1:00 left",
                "60;[===            ]  25%  5/21 frames  4.0 s/frame  1:00 left",
                "53;[==      ]  25%  5/21 frames  4.0 s/frame  1:00 left",
                "52;[=====               ]  25%  5/21 frames  1:00 left",
                "40;[==      ]  25%  5/21 frames  1:00 left",
                "39;[=====               ]  25%  1:00 left",
                "30;[==         ]  25%  1:00 left",
                "20;[===         ]  25%",
                "10; 25%",
                "3;",
                "0;"
            })
    void keepsToTheWidthOfTheTerminal(int columns, String line) {
        width = columns;
        ProgressBar bar = new ProgressBar(Optional.of(new PrintStream(terminal, true)), () -> width, nanos::get);
        nanos.set(20_000_000_000L);
        bar.progress(5, 21, 0.25);
        String shown = drawn().replaceAll("\r|\033\\[K", "");
        assertEquals(line == null ? "" : line, shown.strip());
        assertTrue(shown.length() < Math.max(1, columns), "a full line would wrap");
    }

    @Test
    void aWindowThatBecomesNarrowerIsCleared() {
        ProgressBar bar = new ProgressBar(Optional.of(new PrintStream(terminal, true)), () -> width, nanos::get);
        nanos.set(20_000_000_000L);
        bar.progress(5, 21, 0.25);
        assertEquals(68, drawn().replaceAll("\r|\033\\[K", "").length());
        width = 30; // the terminal now shows the line in three rows
        nanos.set(21_000_000_000L);
        bar.progress(5, 21, 0.25);
        assertEquals("\033[2A\r\033[J[==         ]  25%  1:03 left\033[K", drawn());
        bar.close();
        assertEquals("\r\033[K", drawn());
    }

    @Test
    void drawsNothingWithoutATerminal() {
        try (ProgressBar bar = new ProgressBar(Optional.empty(), () -> width, nanos::get)) {
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
