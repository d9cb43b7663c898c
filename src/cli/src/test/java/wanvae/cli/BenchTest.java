package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class BenchTest extends WithSmallVae {
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

    @Test
    void refusesToMeasureMoreThanFits() throws IOException {
        fails(Cli.run("bench", "--latents", "5x100000x100000"), 1, "latents", "pixels");
        fails(Cli.run("bench", "--latents", "5x2500x2500"), 1, "--latents", "of memory, and this machine has");
    }
}
