package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class FailureTest {
    @Test
    void saysNothingTwiceAboutAnInterruption() {
        assertEquals(Main.INTERRUPTED, Failure.of(new CancellationException()).code());
        assertEquals(
                Main.INTERRUPTED, Failure.of(new ClosedByInterruptException()).code());
    }

    /** Of a video that is cut the user is told, of text that is not read to its end not. */
    @Test
    void aClosedPipe() {
        IOException closed = new IOException("Broken pipe");
        assertEquals(
                new Failure(1, "the program reading standard output closed it before the end."), Failure.of(closed));
        assertEquals(new Failure(141, ""), Failure.of(new TextOutput.UnreadException(closed)));
    }
}
