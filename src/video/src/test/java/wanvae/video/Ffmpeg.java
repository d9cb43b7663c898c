package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** ffmpeg as an independent reader; tests that call it are skipped where it is not installed. */
public final class Ffmpeg {
    private Ffmpeg() {}

    public static Path find(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** Decodes a file to raw video of a pixel format, all frames in one array. */
    public static byte[] decode(Path file, String pixelFormat, String... filter)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("-v", "error", "-i", file.toString()));
        command.addAll(List.of(filter));
        command.addAll(List.of("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", pixelFormat, "-"));
        return run("ffmpeg", command);
    }

    /** Values of the first stream, {@code key=value} lines. */
    public static String probe(Path file) throws IOException, InterruptedException {
        return new String(
                run(
                        "ffprobe",
                        List.of("-v", "error", "-count_frames", "-show_streams", "-show_format", file.toString())),
                StandardCharsets.UTF_8);
    }

    public static byte[] run(String tool, List<String> arguments) throws IOException, InterruptedException {
        Path path = find(tool);
        assumeTrue(path != null, tool + " is not installed");
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(arguments);
        Path errors = Files.createTempFile("wanvae", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(errors.toFile())
                    .redirectInput(new File("/dev/null"))
                    .start();
            byte[] output = process.getInputStream().readAllBytes();
            int exit = process.waitFor();
            String message = Files.readString(errors);
            assertEquals(0, exit, message);
            assertEquals("", message);
            return output;
        } finally {
            Files.delete(errors);
        }
    }
}
