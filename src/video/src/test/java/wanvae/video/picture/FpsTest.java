package wanvae.video.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FpsTest {
    @Test
    void readsIntegersDecimalsAndFractions() {
        assertEquals(new Fps(16, 1), Fps.parse("16"));
        assertEquals(new Fps(2997, 125), Fps.parse("23.976"));
        assertEquals(new Fps(24000, 1001), Fps.parse("24000/1001"));
        assertEquals("25/2", Fps.parse("12.50").toString());
        assertEquals("16", new Fps(32, 2).toString());
        assertEquals(new Fps(100, 1), Fps.parse("1e2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "nan",
                "16/0",
                "/",
                "1/2/3",
                "99999999999",
                "1e999999999",
                "1e-999999999",
                "0.00000000001",
                "x"
            })
    void refusesTheRest(String text) {
        assertThrows(IllegalArgumentException.class, () -> Fps.parse(text));
    }
}
