package wanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import wanvae.checkpoint.GeneratedWeights;
import wanvae.checkpoint.WanConfig;
import wanvae.latent.LatentShape;

/** What a warm-up decodes can be decoded, since a failure would go unnoticed; and its thread ends. */
class WarmUpTest {
    @Test
    void tinyModelsOfEveryKindDecode() throws IOException {
        for (WanConfig config : List.of(WanConfig.WAN_2_1, WanConfig.WAN_2_2)) {
            WanConfig tiny = WarmUp.tiny(config);
            int[] frames = {0};
            try (WanVae vae = Models.open(tiny, 1)) {
                vae.decode(GeneratedWeights.latents(new LatentShape(1, tiny.zDim(), 1, 8, 8), 1), (member, index, frame) -> frames[0]++);
            }
            assertEquals(1, frames[0]);
        }
    }

    @Test
    void endsByItselfOrWhenClosed() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (boolean wait : new boolean[] {true, false}) {
                try (WarmUp warmUp = new WarmUp(WarmUp.tiny(WanConfig.WAN_2_1))) {
                    if (wait) warmUp.await();
                }
                assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().equals("wanvae-warm-up")));
            }
        });
    }
}
