package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BenchTest {
    @Test
    void jsonHasEveryFigure() {
        Cli cli = Cli.run("bench", "--latents", "1x1x1", "--threads", "1", "--json");
        assertEquals(0, cli.code(), cli.err());
        for (String key : new String[] {
            "threads",
            "peak_gflops",
            "effective_gflops",
            "multiple_of_peak",
            "seconds_per_frame",
            "first_frame_seconds",
            "peak_memory_mb",
            "latents",
            "vector_bits"
        }) assertTrue(cli.outText().contains("\"" + key + "\": "), cli.outText());
    }
}
