package wanvae.config;

/**
 * The linear map from a latent pixel to a colour that shows what a latent will become without decoding it: {@code v = Σ
 * z_c · factors_c + bias}, z normalised, v nominally in [-1, 1]. The factors were fitted by ComfyUI's authors ({@code
 * comfy/latent_formats.py}, commit 75399d78).
 */
public enum LatentRgb {
    /** Wan 2.1, the 14B models of Wan 2.2, and Qwen-Image. */
    WAN_2_1(
            new float[][] {
                {-0.1299f, -0.1692f, 0.2932f}, {0.0671f, 0.0406f, 0.0442f}, {0.3568f, 0.2548f, 0.1747f},
                {0.0372f, 0.2344f, 0.142f}, {0.0313f, 0.0189f, -0.0328f}, {0.0296f, -0.0956f, -0.0665f},
                {-0.3477f, -0.4059f, -0.2925f}, {0.0166f, 0.1902f, 0.1975f}, {-0.0412f, 0.0267f, -0.1364f},
                {-0.1293f, 0.074f, 0.1636f}, {0.068f, 0.3019f, 0.1128f}, {0.0032f, 0.0581f, 0.0639f},
                {-0.1251f, 0.0927f, 0.1699f}, {0.006f, -0.0633f, 0.0005f}, {0.3477f, 0.2275f, 0.295f},
                {0.1984f, 0.0913f, 0.1861f}
            },
            new float[] {-0.1835f, -0.0868f, -0.336f}),
    /** Wan 2.2 TI2V-5B. */
    WAN_2_2(
            new float[][] {
                {0.0119f, 0.0103f, 0.0046f}, {-0.1062f, -0.0504f, 0.0165f}, {0.014f, 0.0409f, 0.0491f},
                {-0.0813f, -0.0677f, 0.0607f}, {0.0656f, 0.0851f, 0.0808f}, {0.0264f, 0.0463f, 0.0912f},
                {0.0295f, 0.0326f, 0.059f}, {-0.0244f, -0.027f, 0.0025f}, {0.0443f, -0.0102f, 0.0288f},
                {-0.0465f, -0.009f, -0.0205f}, {0.0359f, 0.0236f, 0.0082f}, {-0.0776f, 0.0854f, 0.1048f},
                {0.0564f, 0.0264f, 0.0561f}, {0.0006f, 0.0594f, 0.0418f}, {-0.0319f, -0.0542f, -0.0637f},
                {-0.0268f, 0.0024f, 0.026f}, {0.0539f, 0.0265f, 0.0358f}, {-0.0359f, -0.0312f, -0.0287f},
                {-0.0285f, -0.1032f, -0.1237f}, {0.1041f, 0.0537f, 0.0622f}, {-0.0086f, -0.0374f, -0.0051f},
                {0.039f, 0.067f, 0.2863f}, {0.0069f, 0.0144f, 0.0082f}, {0.0006f, -0.0167f, 0.0079f},
                {0.0313f, -0.0574f, -0.0232f}, {-0.1454f, -0.0902f, -0.0481f}, {0.0714f, 0.0827f, 0.0447f},
                {-0.0304f, -0.0574f, -0.0196f}, {0.0401f, 0.0384f, 0.0204f}, {-0.0758f, -0.0297f, -0.0014f},
                {0.0568f, 0.1307f, 0.1372f}, {-0.0055f, -0.031f, -0.038f}, {0.0239f, -0.0305f, 0.0325f},
                {-0.0663f, -0.0673f, -0.014f}, {-0.0416f, -0.0047f, -0.0023f}, {0.0166f, 0.0112f, -0.0093f},
                {-0.0211f, 0.0011f, 0.0331f}, {0.1833f, 0.1466f, 0.225f}, {-0.0368f, 0.037f, 0.0295f},
                {-0.3441f, -0.3543f, -0.2008f}, {-0.0479f, -0.0489f, -0.042f}, {-0.066f, -0.0153f, 0.08f},
                {-0.0101f, 0.0068f, 0.0156f}, {-0.069f, -0.0452f, -0.0927f}, {-0.0145f, 0.0041f, 0.0015f},
                {0.0421f, 0.0451f, 0.0373f}, {0.0504f, -0.0483f, -0.0356f}, {-0.0837f, 0.0168f, 0.0055f}
            },
            new float[] {0.0317f, -0.0878f, -0.1388f}),
    /** HunyuanVideo. */
    HUNYUAN_VIDEO(
            new float[][] {
                {-0.0395f, -0.0331f, 0.0445f}, {0.0696f, 0.0795f, 0.0518f}, {0.0135f, -0.0945f, -0.0282f},
                {0.0108f, -0.025f, -0.0765f}, {-0.0209f, 0.0032f, 0.0224f}, {-0.0804f, -0.0254f, -0.0639f},
                {-0.0991f, 0.0271f, -0.0669f}, {-0.0646f, -0.0422f, -0.04f}, {-0.0696f, -0.0595f, -0.0894f},
                {-0.0799f, -0.0208f, -0.0375f}, {0.1166f, 0.1627f, 0.0962f}, {0.1165f, 0.0432f, 0.0407f},
                {-0.2315f, -0.192f, -0.1355f}, {-0.027f, 0.0401f, -0.0821f}, {-0.0616f, -0.0997f, -0.0727f},
                {0.0249f, -0.0469f, -0.1703f}
            },
            new float[] {0.0259f, -0.0192f, -0.0761f});

    private final float[][] factors;
    private final float[] bias;

    LatentRgb(float[][] factors, float[] bias) {
        this.factors = factors;
        this.bias = bias;
    }

    /** Channels of the latents that this map takes. */
    public int channels() {
        return factors.length;
    }

    /**
     * The colour of a latent pixel.
     *
     * @param latent normalised values, one a channel
     * @param rgb    takes red, green and blue, nominally in [-1, 1]
     */
    public void map(float[] latent, float[] rgb) {
        for (int i = 0; i < 3; i++) {
            float sum = bias[i];
            for (int c = 0; c < factors.length; c++) sum += latent[c] * factors[c][i];
            rgb[i] = sum;
        }
    }
}
