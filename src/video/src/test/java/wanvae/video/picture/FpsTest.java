package wanvae.video.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FpsTest {
    @Test
    void readsIntegersDecimalsAndFractions() {
        assertEquals(new Fps(16, 1), Fps.parse("16"));
        assertEquals(new Fps(2997, 125), Fps.parse("2997/125"));
        assertEquals(new Fps(24000, 1001), Fps.parse("24000/1001"));
        assertEquals("25/2", Fps.parse("12.50").toString());
        assertEquals("16", new Fps(32, 2).toString());
        assertEquals(new Fps(100, 1), Fps.parse("1e2"));
    }

    @ParameterizedTest
    @CsvSource({
        "23.976, 24",
        "23.98, 24",
        "23.9760, 24",
        "23.97602, 24",
        "29.97, 30",
        "29.9700, 30",
        "47.952, 48",
        "47.95, 48",
        "59.94, 60",
        "59.9401, 60",
        "119.88, 120",
        "14.985, 15"
    })
    void ratesOfTelevisionAreExact(String text, int whole) {
        assertEquals(new Fps(1000 * whole, 1001), Fps.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "24, 24/1",
        "23.9, 239/10",
        "24.00, 24/1",
        "23.97, 2397/100",
        "29.96, 2996/100",
        "59.9, 599/10",
        "25.5, 51/2"
    })
    void otherDecimalsAreWhatTheySay(String text, String fraction) {
        assertEquals(Fps.parse(fraction), Fps.parse(text));
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
