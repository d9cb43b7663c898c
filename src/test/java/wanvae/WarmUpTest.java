package wanvae;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Its thread ends. */
class WarmUpTest {
    @Test
    void endsByItselfOrWhenClosed() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (boolean wait : new boolean[] {true, false}) {
                try (WarmUp warmUp = new WarmUp()) {
                    if (wait) warmUp.await();
                }
                assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().equals("wanvae-warm-up")));
            }
        });
    }
}
