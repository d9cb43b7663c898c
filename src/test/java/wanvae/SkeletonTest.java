package wanvae;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SkeletonTest {
    @Test
    @Tag("arithmetic")
    void optionsRefuseZeroThreads() {
        assertThrows(IllegalArgumentException.class, () -> DecodeOptions.DEFAULT.withThreads(0));
    }
}
