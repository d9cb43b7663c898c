package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.frame.VideoShape;

/** A writer killed in the middle leaves what was there. */
class KilledTest {
    @TempDir
    Path folder;

    /** Writes frames for ever, telling when there are some. */
    static final class Endless {
        public static void main(String[] args) throws IOException {
            try (Mp4Writer writer = Mp4Writer.create(
                    Path.of(args[0]), Mp4Options.DEFAULT.withFps(16).withKeyint(2))) {
                writer.begin(new VideoShape(1, VideoShape.UNKNOWN, 64, 64));
                for (int i = 0; ; i++) {
                    writer.frame(0, i, Clips.frame(64, 64, i));
                    if (i == 20) System.out.println("writing");
                }
            }
        }
    }

    @Test
    void theOldFileStays() throws IOException, InterruptedException {
        Path file = folder.resolve("o.mp4");
        Files.writeString(file, "old");
        String classPath = String.join(
                java.io.File.pathSeparator,
                List.of(
                        "target/classes",
                        "target/test-classes",
                        "../core/target/classes",
                        Path.of(org.jcodec.common.model.Picture.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .getPath())
                                .toString()));
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        classPath,
                        Endless.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertEquals("writing", new String(child.getInputStream().readNBytes(7)));
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertEquals("old", Files.readString(file));
        Clips.write(Mp4Writer.create(file, Mp4Options.DEFAULT.withFps(16)), 1, 2, 64, 64);
        assertTrue(Files.size(file) > 500);
    }
}
