package wanvae.bench;

import wanvae.cli.bench.FmaPeak;
import wanvae.kernel.GemmSpeed;
import wanvae.kernel.Simd;

/** A process that measures the packed matrix product for each number of channels, and the FMA peak beside it. */
final class GemmMain {
    static final int[] CHANNELS = {96, 192, 384};

    private GemmMain() {}

    public static void main(String[] args) {
        double before = FmaPeak.gflops(1);
        Flat result = new Flat().with("vector_bits", 32 * Simd.LANES);
        for (int k : CHANNELS) result.with("gflops_" + k, GemmSpeed.gflops(k));
        System.out.println(result.with("peak_gflops", Math.max(before, FmaPeak.gflops(1))));
    }
}
