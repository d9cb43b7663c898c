package wanvae.video.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What names of pictures tell about the sequence they make. */
class SequenceNamesTest {
    private static List<String> notes(String names) {
        return SequenceNames.of(List.of(names.split(" "))).notes("in");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f-0.png f-1.png f-2.png",
                "f-7.png f-8.png",
                "9.png 10.png 11.png",
                "clip2-008.v3.png clip2-009.v3.png clip2-010.v3.png",
                "a.png",
                "a.png b.png c.png",
                "1-1.png 1-5.png 2-9.png"
            })
    void wholeSequencesAndOtherNamesSayNothing(String names) {
        assertEquals(List.of(), notes(names));
    }

    @Test
    void gapsAreListed() {
        assertEquals(
                List.of("in: between f-08.png and f-14.png the clip goes on without pictures that are missing: "
                        + "9, 12 to 13"),
                notes("f-14.png f-08.png f-10.png f-11.png"));
        assertEquals(
                List.of("in: between 0.png and 10.png the clip goes on without pictures that are missing: "
                        + "1, 3, 5 and 2 more"),
                notes("0.png 2.png 4.png 6.png 8.png 10.png"));
    }

    @Test
    void picturesOfOtherNamesAreListed() {
        assertEquals(
                List.of("in: the clip has a picture not named like f-0.png: cover.png"),
                notes("cover.png f-0.png f-1.png"));
        assertEquals(
                List.of("in: the clip has 4 pictures not named like f-0.png: a.png, b.png, c.png and 1 more"),
                notes("a.png b.png c.png d.png f-0.png f-1.png"));
    }

    @Test
    void numbersBeyondALongAreNumbers() {
        assertEquals(
                List.of("in: between 99999999999999999999.png and 100000000000000000001.png the clip goes on without "
                        + "pictures that are missing: 100000000000000000000"),
                notes("99999999999999999999.png 100000000000000000001.png"));
    }
}
