package wanvae;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import wanvae.kernel.Kernels;

/** Its thread ends, and no kernel fails in it, where nobody would notice. */
class WarmUpTest {
    @Test
    void everyKernelRunsUntilAllAreCompiled() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> Kernels.compile(() -> false));
    }

    @Test
    @SuppressWarnings("try") // closed on purpose before its end
    void begunAgainAfterItWasClosed() {
        try (WarmUp first = WarmUp.begin()) {
            assertSame(first, WarmUp.begin());
            first.close();
            try (WarmUp second = WarmUp.begin()) {
                assertNotSame(first, second);
            }
        }
    }

    @Test
    void endsByItselfOrWhenClosed() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (boolean wait : new boolean[] {true, false}) {
                try (WarmUp warmUp = new WarmUp()) {
                    if (wait) warmUp.await();
                }
                assertTrue(Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("wanvae-warm-up")));
            }
        });
    }
}
