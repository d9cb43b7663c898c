package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
    @Test
    void readsUnitsOf1024() {
        assertEquals(3L << 30, ByteSize.parse("3g").bytes());
        assertEquals(512L << 20, ByteSize.parse("512M").bytes());
        assertEquals(3L << 29, ByteSize.parse("1.5GB").bytes());
        assertEquals(2L << 40, ByteSize.parse("2TiB").bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "-3g", "3 g", "3x", "g", "9999999999g", "1e3g", "NaN", "0g"})
    void refusesAnythingElse(String text) {
        assertThrows(TypeConversionException.class, () -> ByteSize.parse(text));
    }

    @Test
    void writesForPeople() {
        assertEquals("1 KB", ByteSize.text(1));
        assertEquals("740 MB", ByteSize.text(739_000_001L));
        assertEquals("5.2 GB", ByteSize.text(5_150_000_000L));
    }
}
