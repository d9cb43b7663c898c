package wanvae.preview;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wanvae.config.HunyuanConfig;
import wanvae.config.LatentScaling;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

class LatentPreviewTest {
    private static final List<VaeConfig> CONFIGS =
            List.of(WanConfig.WAN_2_1, WanConfig.WAN_2_2, HunyuanConfig.HUNYUAN_VIDEO);

    private static float[] values(LatentShape shape) {
        Random random = new Random(7);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
        return values;
    }

    private static float[] pixels(Frame frame) {
        float[] all = new float[3 * frame.height() * frame.width()], row = new float[3 * frame.width()];
        for (int y = 0; y < frame.height(); y++) {
            frame.row(y, row);
            System.arraycopy(row, 0, all, y * row.length, row.length);
        }
        return all;
    }

    /** The formula by hand: the sum over channels, then ComfyUI's truncation to 8 bits, whether an output rounds or truncates. */
    @Test
    void levelsAreTheLinearMaps() throws IOException {
        for (VaeConfig config : CONFIGS) {
            int channels = config.latentChannels();
            LatentShape shape = new LatentShape(2, channels, 3, 5, 7);
            float[] values = values(shape), latent = new float[channels], rgb = new float[3];
            List<float[]> frames = new ArrayList<>();
            LatentPreview preview = LatentPreview.of(Latents.of(shape, values), config, 1);
            assertEquals(new VideoShape(2, 3, 5, 7), preview.shape());
            preview.render((member, index, frame) -> {
                assertEquals(frames.size(), 3 * member + index);
                frames.add(pixels(frame));
            });
            assertEquals(6, frames.size());
            int plane = 35;
            for (int i = 0; i < 6 * plane; i++) {
                int member = i / (3 * plane), frame = i / plane % 3;
                for (int c = 0; c < channels; c++)
                    latent[c] = values[((member * channels + c) * 3 + frame) * plane + i % plane];
                config.latentRgb().orElseThrow().map(latent, rgb);
                for (int c = 0; c < 3; c++) {
                    int expected = (int) (255 * Math.clamp((rgb[c] + 1) / 2, 0f, 1f));
                    float unit = (frames.get(i / plane)[3 * (i % plane) + c] + 1) / 2 * 255;
                    assertEquals(expected, (int) unit);
                    assertEquals(expected, Math.rint(unit));
                }
            }
        }
    }

    /** The first factors of ComfyUI's table for Wan 2.1, so that a table in another order is noticed. */
    @Test
    void aChannelAloneShowsItsFactors() {
        float[] latent = new float[16], rgb = new float[3], zero = new float[3];
        WanConfig.WAN_2_1.latentRgb().orElseThrow().map(latent, zero);
        assertEquals(-0.1835f, zero[0]);
        latent[0] = 1;
        WanConfig.WAN_2_1.latentRgb().orElseThrow().map(latent, rgb);
        assertEquals(-0.1299f, rgb[0] - zero[0], 1e-6);
        assertEquals(-0.1692f, rgb[1] - zero[1], 1e-6);
        assertEquals(0.2932f, rgb[2] - zero[2], 1e-6);
    }

    @Test
    void rawLatentsAreNormalised() {
        for (VaeConfig config : CONFIGS) {
            LatentShape shape = new LatentShape(1, config.latentChannels(), 1, 3, 4);
            float[] normalised = values(shape), raw = normalised.clone();
            LatentScaling scaling = config.latentScaling();
            for (int i = 0; i < raw.length; i++)
                raw[i] = raw[i] / scaling.divisors().get(i / 12)
                        + scaling.shifts().get(i / 12);
            float[] a = pixels(
                    LatentPreview.of(Latents.of(shape, normalised), config, 1).frame(0, 0));
            float[] b = pixels(
                    LatentPreview.of(Latents.of(shape, raw).raw(), config, 1).frame(0, 0));
            for (int i = 0; i < a.length; i++) assertEquals(a[i], b[i], 2.1f / 255, "rounding may move a level");
        }
    }

    /** A constant stays constant, and every enlarged pixel lies between those around it. */
    @Test
    void enlargesLinearly() {
        LatentShape shape = new LatentShape(1, 16, 1, 3, 5);
        float[] values = values(shape);
        float[] small = pixels(LatentPreview.of(Latents.of(shape, values), WanConfig.WAN_2_1, 1)
                .frame(0, 0));
        Frame large = LatentPreview.of(Latents.of(shape, values), WanConfig.WAN_2_1, 3)
                .frame(0, 0);
        assertEquals(9, large.height());
        assertEquals(15, large.width());
        float[] enlarged = pixels(large);
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 5; x++)
                for (int c = 0; c < 3; c++)
                    assertEquals(small[3 * (5 * y + x) + c], enlarged[3 * (15 * (3 * y + 1) + 3 * x + 1) + c], 1e-6);
        float least = 1, most = -1;
        for (float v : small) {
            least = Math.min(least, v);
            most = Math.max(most, v);
        }
        for (float v : enlarged) assertTrue(v >= least && v <= most);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Latents latents = Latents.of(new LatentShape(1, 16, 1, 1, 1), new float[16]);
        assertThrows(IllegalArgumentException.class, () -> LatentPreview.of(latents, WanConfig.WAN_2_2, 1));
        assertThrows(IllegalArgumentException.class, () -> LatentPreview.of(latents, WanConfig.WAN_2_1, 0));
        assertThrows(IllegalArgumentException.class, () -> LatentPreview.of(latents, WanConfig.WAN_2_1, 17));
        LatentPreview preview = LatentPreview.of(latents, WanConfig.WAN_2_1, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> preview.frame(0, 1));
    }
}
