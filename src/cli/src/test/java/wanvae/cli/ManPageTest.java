package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What packages have besides the program: a man page, and completion for bash. */
class ManPageTest {
    private static List<String> commands() {
        return Pattern.compile("^  ([a-z]+) ", Pattern.MULTILINE)
                .matcher(Cli.run().err().replaceFirst("(?s)Examples:.*", ""))
                .results()
                .map(command -> command.group(1))
                .toList();
    }

    @Test
    void hasEveryOptionOfEveryCommand() {
        Cli page = Cli.run("generate-man-page");
        assertEquals(0, page.code(), page.err());
        String text = page.outText().replace("\\-", "-");
        assertTrue(text.startsWith(".TH WANVAE 1 "), text);
        List<String> commands = commands();
        assertTrue(commands.contains("decode") && commands.contains("info"), commands.toString());
        for (String command : commands) {
            int start = text.indexOf("\n.SS wanvae " + command + "\n");
            assertTrue(start > 0, command);
            String section = text.substring(start, text.indexOf("\n.S", start + 1));
            for (MatchResult option : Pattern.compile("^ +(?:-\\w, )?(--[a-z-]+)", Pattern.MULTILINE)
                    .matcher(Cli.run(command, "--help").outText())
                    .results()
                    .toList()) assertTrue(section.contains(option.group(1)), command + " " + option.group(1));
        }
        assertFalse(text.contains("%%") || text.contains("${") || text.contains("%n"), "a format is left");
    }

    /** No line begins with a control character but a macro's. */
    @Test
    void isSoundRoff() {
        for (String line : Cli.run("generate-man-page").outText().split("\n"))
            assertTrue(line.matches("\\.(TH|SH|SS|TP|PP|B|nf|fi)( .*)?|[^.'].*|"), line);
    }

    @Test
    void completesCommandsAndOptions(@TempDir Path folder) throws Exception {
        Path script = folder.resolve("completion");
        Files.write(script, Cli.run("generate-completion").out());
        Process bash = new ProcessBuilder("bash", "-c", """
                        . ./completion
                        compopt() { :; }
                        complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _complete_wanvae; echo "${COMPREPLY[@]}"; }
                        complete_words wanvae dec
                        complete_words wanvae decode --qual
                        """)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String completed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), completed);
        assertEquals(
                List.of("decode", "--quality"),
                completed.lines().map(String::strip).toList());
    }
}
