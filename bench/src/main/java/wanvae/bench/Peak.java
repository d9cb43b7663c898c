package wanvae.bench;

import wanvae.kernel.FmaPeak;

/** A process that measures the FMA peak: {@code Peak THREADS}. */
final class Peak {
    private Peak() {}

    public static void main(String[] args) {
        System.out.println(new Flat().with("peak_gflops", FmaPeak.gflops(Integer.parseInt(args[0]))));
    }
}
