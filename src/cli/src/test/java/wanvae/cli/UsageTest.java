package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says when it alone is wrong, and its help. */
class UsageTest {
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("decode --fsp 12 z.npy -w vae -o out.mp4", "--fsp"),
                Arguments.of("decode z.npy -w vae", "--output"),
                Arguments.of("decode z.npy -o out.mp4", "--weights"),
                Arguments.of("decode z.npy -w vae -o out.avi", ".mp4, "),
                Arguments.of("decode z.npy -w vae -o Wan2.1_frames", "Wan2.1_frames/, it would be a folder"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --frames 3:3", "--frames"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --frames 3", "--frames"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --background mauve", "--background"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --fps 0", "--fps"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --fps 24/0", "--fps"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --fps 0.0001", "at least 0.001"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --fps 0.123456789", "denominator"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --quality 11", "--quality: "),
                Arguments.of("decode z.npy -w vae -o out.mp4 --quality NaN", "quality"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --qp 52", "--qp: "),
                Arguments.of("decode z.npy -w vae -o out.mp4 --qp 20 --quality 5", "--quality"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --bitrate fast", "--bitrate"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --keyint 0", "--keyint: "),
                Arguments.of("decode z.npy -w vae -o out.mp4 --macro-block-size 0", "--macro-block-size: "),
                Arguments.of("decode z.npy -w vae -o out.mp4 --color red", "--color"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --latents cooked", "--latents"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --threads 0", "--threads"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --threads 100000", "--threads is 1 to 10000"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --threads many", "--threads"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --memory lots", "--memory"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --unclamped", "--unclamped"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --tile=256", "--tile"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --tile=256x250:192x192", "multiples of 8"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --tile=256x256:264x192", "gaps"),
                Arguments.of("decode z.npy -w vae -o out.mp4 --tile 0x256:192x192", "at least 8"),
                Arguments.of("decode z.npy more.npy -w vae -o out.mp4", "more.npy"),
                Arguments.of("convert vae out.bin", ".wanvae"),
                Arguments.of("convert vae out.wanvae --dtype f8", "--dtype"),
                Arguments.of("info", "FILE"),
                Arguments.of("info vae --for 21x60", "--for"),
                Arguments.of("frobnicate", "frobnicate"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void oneSentenceAndExitCode2(String words, String named) {
        Cli run = Cli.run((Object[]) words.split(" "));
        assertEquals(2, run.code(), run.err());
        assertEquals(0, run.out().length);
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("wanvae: ") && run.err().contains(named), run.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "decode READ -w vae -o READ",
                "decode z.npy -w READ -o READ",
                "decode READ -w vae -o out.mp4 --preview READ",
                "encode READ -w vae -o READ",
                "encode in.mp4 -w READ -o READ"
            })
    void whatIsReadIsNotReplaced(String words, @TempDir Path folder) throws IOException {
        Path read = Files.writeString(folder.resolve("read.npy"), "what is read");
        Cli run = Cli.run((Object[]) words.replace("READ", read.toString()).split(" "));
        assertEquals(2, run.code(), run.err());
        assertEquals("wanvae: " + read + " is read: give the output another name.\n", run.err());
        assertEquals("what is read", Files.readString(read));
    }

    static Stream<List<String>> empty() {
        return Stream.of(
                List.of("decode", "", "-w", "vae", "-o", "out.mp4"),
                List.of("decode", "z.npy", "-w", "", "-o", "out.mp4"),
                List.of("decode", "z.npy", "-w", "vae", "-o", ""),
                List.of("decode", "z.npy", "-w", "vae", "-o", "out.mp4", "--temp-dir", ""),
                List.of("decode", "z.npy", "-w", "vae", "-o", "out.mp4", "--key", ""),
                List.of("export", "", "-o", "out.mp4"),
                List.of("export", "frames", "-o", ""),
                List.of("demo", "-o", ""),
                List.of("convert", "", "out.wanvae"),
                List.of("convert", "vae", ""),
                List.of("info", ""),
                List.of("info", "vae", ""));
    }

    /** A variable of the shell that was never set names no file, and not the current folder. */
    @ParameterizedTest
    @MethodSource("empty")
    void anEmptyNameIsAWrongCommandLine(List<String> words) {
        Cli run = Cli.run(words.toArray());
        assertEquals(2, run.code(), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("empty"), run.err());
    }

    @Test
    void aloneItShowsWhatThereIs() {
        Cli run = Cli.run();
        assertEquals(2, run.code());
        for (String command : List.of("demo", "decode", "export", "convert", "info", "bench"))
            assertTrue(run.err().contains("  " + command), command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--fps",
                "--quality",
                "--bitrate",
                "--qp",
                "--keyint",
                "--macro-block-size",
                "--color",
                "--latents",
                "--key",
                "--axes",
                "--size",
                "--frames",
                "--drop",
                "--background",
                "--allow-nonfinite",
                "--tile",
                "--tile-frames",
                "--slice",
                "--memory",
                "--temp-dir",
                "--threads",
                "--unclamped",
                "--no-clobber",
                "--overwrite",
                "--quiet",
                "--verbose",
                "--weights",
                "--output",
                "LATENTS",
                "Examples:"
            })
    void helpOfDecodeTells(String option) {
        Cli run = Cli.run("decode", "--help");
        assertEquals(0, run.code());
        assertTrue(run.outText().contains(option), run.outText());
        assertEquals("", run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "decode", "export", "convert", "info", "bench"})
    void everyCommandHasAHelpThatTeaches(String command) {
        Cli run = Cli.run(command, "--help");
        assertEquals(0, run.code());
        assertTrue(
                run.outText().contains("Examples:") && run.outText().contains("wanvae " + command + " "),
                run.outText());
    }

    @Test
    void tellsItsVersion() {
        assertTrue(Cli.run("--version").outText().startsWith("wanvae"));
    }

    @ParameterizedTest
    @CsvSource({"25, true", "25.0.1, true", "25.0.2+10, true", "25.0.3+9-LTS, false", "25.0.10, false", "26, false"})
    void theVersionWarnsOfAJavaThatCorruptsMemory(String java, boolean warns) {
        List<String> lines = Version.lines(Runtime.Version.parse(java));
        assertEquals(warns ? 2 : 1, lines.size());
        assertEquals(warns, lines.getLast().contains("JDK-8377811"));
    }
}
