package wanvae.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;

class OperationsTest {
    private static final WanConfig WAN_21 = wan(96, 16, false, 3, 1);
    private static final WanConfig WAN_22 = wan(256, 48, true, 12, 2);
    private static final HunyuanConfig HUNYUAN =
            new HunyuanConfig(16, List.of(128, 256, 512, 512), 2, true, 32, 8, 4, 0.476986f);

    private static WanConfig wan(int base, int zDim, boolean residual, int outChannels, int patch) {
        List<Float> statistics = Collections.nCopies(zDim, 1f);
        return new WanConfig(
                "AutoencoderKLWan",
                base,
                zDim,
                List.of(1, 2, 4, 4),
                2,
                List.of(true, true, false),
                statistics,
                statistics,
                residual,
                outChannels,
                patch);
    }

    private static Operations of(VaeConfig config, int frames, int height, int width) {
        return VaeFamily.of(config)
                .operations(config, new LatentShape(1, config.latentChannels(), frames, height, width));
    }

    @Test
    void wan21CostsWhatWasCounted() {
        Operations first = of(WAN_21, 1, 32, 32), second = of(WAN_21, 2, 32, 32), five = of(WAN_21, 5, 32, 32);
        assertEquals(706e9, first.all(), 1e9);
        assertEquals(2215e9, second.all() - first.all(), 1e9);
        assertEquals(9567e9, five.all(), 1e9);
        assertEquals(9132e9, five.all() - five.zeroPast(), 1e9);
        assertEquals(8.45e6, (second.all() - first.all()) / (4 * 256 * 256), 0.005e6);
    }

    @Test
    void wan22CostsWhatWasCounted() {
        double later = of(WAN_22, 2, 32, 32).all() - of(WAN_22, 1, 32, 32).all();
        assertEquals(18.4e6, later / (4 * 512 * 512), 0.05e6);
    }

    @ParameterizedTest
    @CsvSource({"1, 32, 32, 1841", "5, 32, 32, 19539", "5, 90, 160, 284622", "2, 4, 5, 122"})
    void hunyuanCostsWhatWasCounted(int frames, int height, int width, double gflop) {
        assertEquals(gflop * 1e9, of(HUNYUAN, frames, height, width).all(), 1e9);
    }

    @Test
    void membersCostTheSame() {
        Operations one = of(WAN_21, 3, 5, 7),
                four = VaeFamily.of(WAN_21).operations(WAN_21, new LatentShape(4, 16, 3, 5, 7));
        assertEquals(new Operations(4 * one.all(), 4 * one.zeroPast()), four);
    }
}
