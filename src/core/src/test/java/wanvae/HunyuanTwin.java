package wanvae;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.config.HunyuanConfig;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/**
 * HunyuanVideo's decoder written down plainly: whole activations {@code [T][H][W][C]} in double, one loop an operation.
 */
final class HunyuanTwin {
    private final HunyuanConfig config;
    private final GeneratedWeights weights;

    HunyuanTwin(HunyuanConfig config, GeneratedWeights weights) {
        this.config = config;
        this.weights = weights;
    }

    private record Clip(int t, int h, int w, int c, double[] x) {
        Clip(int t, int h, int w, int c) {
            this(t, h, w, c, new double[t * h * w * c]);
        }

        /** With the nearest frame, row and column. */
        int at(int f, int i, int j) {
            return ((Math.clamp(f, 0, t - 1) * h + Math.clamp(i, 0, h - 1)) * w + Math.clamp(j, 0, w - 1)) * c;
        }
    }

    private float[] weight(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values =
                    arena.allocate(4 * weights.tensors().get(name).elements(), 4);
            weights.read(name, values);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** @return {@code [3][F][H][W]} of the first member's unscaled latents */
    float[] decode(Latents latents) {
        LatentShape s = latents.shape();
        Clip x = new Clip(s.frames(), s.height(), s.width(), s.channels());
        int plane = x.t * x.h * x.w;
        for (int i = 0; i < x.x.length; i++)
            x.x[i] = latents.values().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i % x.c * plane + i / x.c);
        x = conv(conv(x, "post_quant_conv", 1), "decoder.conv_in.conv", 3);
        x = resnet(x, "decoder.mid_block.resnets.0");
        if (config.midBlockAddAttention()) x = attention(x, "decoder.mid_block.attentions.0");
        x = resnet(x, "decoder.mid_block.resnets.1");
        for (int b = 0; b < config.blockOutChannels().size(); b++) {
            for (int r = 0; r <= config.layersPerBlock(); r++)
                x = resnet(x, "decoder.up_blocks." + b + ".resnets." + r);
            int space = config.upsamplesSpace(b) ? 2 : 1, time = config.upsamplesTime(b) ? 2 : 1;
            if (space * time > 1)
                x = conv(enlarged(x, time, space), "decoder.up_blocks." + b + ".upsamplers.0.conv.conv", 3);
        }
        x = conv(norm(x, "decoder.conv_norm_out", true), "decoder.conv_out.conv", 3);
        float[] y = new float[x.x.length];
        for (int i = 0; i < y.length; i++) y[i % 3 * (y.length / 3) + i / 3] = (float) x.x[i];
        return y;
    }

    private Clip resnet(Clip x, String name) {
        Clip y = conv(
                norm(conv(norm(x, name + ".norm1", true), name + ".conv1.conv", 3), name + ".norm2", true),
                name + ".conv2.conv",
                3);
        Clip residual = weights.tensors().containsKey(name + ".conv_shortcut.conv.weight")
                ? conv(x, name + ".conv_shortcut.conv", 1)
                : x;
        for (int i = 0; i < y.x.length; i++) y.x[i] += residual.x[i];
        return y;
    }

    private Clip conv(Clip x, String name, int k) {
        float[] weight = weight(name + ".weight"), bias = weight(name + ".bias");
        Clip y = new Clip(x.t, x.h, x.w, bias.length);
        for (int f = 0; f < y.t; f++)
            for (int i = 0; i < y.h; i++)
                for (int j = 0; j < y.w; j++)
                    for (int o = 0; o < y.c; o++) {
                        double sum = bias[o];
                        for (int tap = 0; tap < k * k * k; tap++) {
                            int from = x.at(f + tap / (k * k) - (k - 1), i + tap / k % k - k / 2, j + tap % k - k / 2);
                            for (int c = 0; c < x.c; c++)
                                sum += x.x[from + c] * weight[(o * x.c + c) * k * k * k + tap];
                        }
                        y.x[y.at(f, i, j) + o] = sum;
                    }
        return y;
    }

    private Clip norm(Clip x, String name, boolean silu) {
        float[] weight = weight(name + ".weight"), bias = weight(name + ".bias");
        Clip y = new Clip(x.t, x.h, x.w, x.c);
        int size = x.c / config.normNumGroups(), pixels = x.t * x.h * x.w;
        for (int g = 0; g < config.normNumGroups(); g++) {
            double mean = 0, variance = 0;
            for (int p = 0; p < pixels; p++)
                for (int c = g * size; c < (g + 1) * size; c++) mean += x.x[p * x.c + c] / pixels / size;
            for (int p = 0; p < pixels; p++)
                for (int c = g * size; c < (g + 1) * size; c++)
                    variance += Math.pow(x.x[p * x.c + c] - mean, 2) / pixels / size;
            for (int p = 0; p < pixels; p++)
                for (int c = g * size; c < (g + 1) * size; c++) {
                    double v = (x.x[p * x.c + c] - mean) / Math.sqrt(variance + 1e-6) * weight[c] + bias[c];
                    y.x[p * x.c + c] = silu ? v / (1 + Math.exp(-v)) : v;
                }
        }
        return y;
    }

    private Clip enlarged(Clip x, int time, int space) {
        Clip y = new Clip(time == 2 ? 2 * x.t - 1 : x.t, space * x.h, space * x.w, x.c);
        for (int f = 0; f < y.t; f++)
            for (int i = 0; i < y.h; i++)
                for (int j = 0; j < y.w; j++)
                    System.arraycopy(
                            x.x, x.at(time == 2 ? (f + 1) / 2 : f, i / space, j / space), y.x, y.at(f, i, j), x.c);
        return y;
    }

    private Clip attention(Clip x, String name) {
        Clip normed = norm(x, name + ".group_norm", false), mixed = new Clip(x.t, x.h, x.w, x.c);
        Clip q = conv(normed, name + ".to_q", 1),
                k = conv(normed, name + ".to_k", 1),
                v = conv(normed, name + ".to_v", 1);
        for (int query = 0; query < x.t * x.h * x.w; query++) {
            int seen = (query / (x.h * x.w) + 1) * x.h * x.w;
            double[] score = new double[seen];
            double total = 0;
            for (int key = 0; key < seen; key++) {
                for (int c = 0; c < x.c; c++) score[key] += q.x[query * x.c + c] * k.x[key * x.c + c] / Math.sqrt(x.c);
                total += score[key] = Math.exp(score[key]);
            }
            for (int key = 0; key < seen; key++)
                for (int c = 0; c < x.c; c++) mixed.x[query * x.c + c] += score[key] / total * v.x[key * x.c + c];
        }
        Clip y = conv(mixed, name + ".to_out.0", 1);
        for (int i = 0; i < y.x.length; i++) y.x[i] += x.x[i];
        return y;
    }
}
