package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("arithmetic")
class SimdTest {
    @Test
    void vectorsAreAsWideAsAskedFor() {
        int widest = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
        assertEquals(Math.min(widest, Integer.getInteger("wanvae.vectorBits", widest)), Simd.SPECIES.vectorBitSize());
        assertEquals(Simd.SPECIES.length(), Simd.LANES);
    }

    @Test
    void onlyX86WithoutAvx512HasSixteenRegisters() {
        for (String x86 : new String[] {"amd64", "x86_64"}) {
            assertEquals(true, Simd.hasSixteenRegisters(x86, 128), x86);
            assertEquals(true, Simd.hasSixteenRegisters(x86, 256), x86);
            assertEquals(false, Simd.hasSixteenRegisters(x86, 512), x86);
        }
        for (int bits : new int[] {128, 256, 512}) assertEquals(false, Simd.hasSixteenRegisters("aarch64", bits));
    }

    /** What kernels load, compute and store are vectors of that width. */
    @Test
    void kernelsRunOnThatWidth() {
        try (Arena arena = Arena.ofConfined()) {
            long a = arena.allocate(4L * 64, 64).address();
            for (int i = 0; i < 64; i++) Simd.set(a + 4 * i, i);
            FloatVector v = Simd.load(a);
            assertEquals(Simd.SPECIES, v.species());
            assertEquals(Simd.SPECIES, Simd.broadcast(a).species());
            assertEquals(Simd.SPECIES, Silu.of(v).species());
            Simd.store(v.add(100), a + 4);
            for (int i = 0; i < 64; i++)
                assertEquals(i >= 1 && i <= Simd.LANES ? i + 99 : i, Simd.get(a + 4 * i), "float " + i);
            assertEquals(Simd.LANES * (Simd.LANES - 1) / 2f, Simd.sum(v));
        }
    }

    @Test
    void expAndSiluEqualTheirTwinsInDouble() {
        try (Arena arena = Arena.ofConfined()) {
            long a = arena.allocate(64, 64).address(),
                    b = arena.allocate(64, 64).address();
            double exp = 0, silu = 0;
            for (float x = -86; x < 87; x += 0.37f) {
                for (int i = 0; i < Simd.LANES; i++) Simd.set(a + 4 * i, x + i * 0.01f);
                Simd.store(Exp.of(Simd.load(a)), b);
                for (int i = 0; i < Simd.LANES; i++)
                    exp = Math.max(exp, Math.abs(Simd.get(b + 4 * i) / Math.exp(Simd.get(a + 4 * i)) - 1));
                Simd.store(Silu.of(Simd.load(a)), b);
                for (int i = 0; i < Simd.LANES; i++) {
                    double z = Simd.get(a + 4 * i);
                    silu = Math.max(
                            silu, Math.abs(Simd.get(b + 4 * i) - z / (1 + Math.exp(-z))) / Math.max(1, Math.abs(z)));
                }
            }
            assertEquals(0, exp, 2.5e-7, "largest relative error of exp");
            assertEquals(0, silu, 3e-7, "largest error of SiLU");
        }
    }

    @Test
    void extremesOfExpAndSiluAreFinite() {
        try (Arena arena = Arena.ofConfined()) {
            long a = arena.allocate(64, 64).address();
            for (float x : new float[] {-1e30f, -200, -88, 88, 200, 1e30f}) {
                for (int i = 0; i < Simd.LANES; i++) Simd.set(a + 4 * i, x);
                assertEquals(
                        x > 0 ? x : 0, Silu.of(Simd.load(a)).lane(0), Math.abs(x) * 1e-30f + 1e-30f, "SiLU of " + x);
                assertEquals(true, Float.isFinite(Exp.of(Simd.load(a)).lane(0)), "exp of " + x);
            }
        }
    }
}
