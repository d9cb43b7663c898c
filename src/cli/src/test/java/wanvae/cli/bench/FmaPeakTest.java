package wanvae.cli.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FmaPeakTest {
    @Test
    void vectorsAreCompiled() {
        double gflops = FmaPeak.gflops(1);
        assertTrue(
                gflops > 2 * FmaPeak.SPECIES.length() / 5.0,
                "a core does a vector multiply-add in less than five nanoseconds: " + gflops);
    }
}
