package wanvae.video;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;

/** The names of outputs, and the checks before writing them. */
final class Target {
    private Target() {}

    /**
     * The name for a member: {@code out.mp4} if it is the only one, else {@code out-0.mp4}, {@code out-1.mp4} …;
     * likewise for a folder {@code out}.
     */
    static Path member(Path target, VideoShape shape, int member) {
        if (shape.members() == 1) return target;
        String name = target.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return target.resolveSibling(
                dot > 0 ? name.substring(0, dot) + "-" + member + name.substring(dot) : name + "-" + member);
    }

    /**
     * Checks that a file of this name can be made.
     *
     * @throws IOException in one sentence if it cannot
     */
    static void checkFile(Path file, IfExists ifExists) throws IOException {
        if (file.getFileName() == null || Files.isDirectory(file))
            throw new IOException("cannot write " + file + ": it is a folder");
        checkParent(file);
        if (!Files.exists(file)) return;
        if (ifExists == IfExists.REFUSE) throw new IOException(file + " exists already");
        if (!Files.isRegularFile(file))
            throw new IOException("cannot write " + file + ": it exists and is no regular file");
    }

    /** What to do if a file has this name when the new one is complete. */
    static PendingFile.Existing existing(IfExists ifExists) {
        return switch (ifExists) {
            case REFUSE -> PendingFile.Existing.REFUSE;
            case REPLACE -> PendingFile.Existing.REPLACE_WRITABLE;
            case REPLACE_READ_ONLY -> PendingFile.Existing.REPLACE;
        };
    }

    static void checkParent(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) throw new IOException("cannot write " + file + ": it is the root of the file system");
        if (!Files.exists(folder))
            throw new IOException("cannot write " + file + ": the folder " + folder + " does not exist");
        if (!Files.isDirectory(folder)) throw new IOException("cannot write " + file + ": " + folder + " is no folder");
        if (!Files.isWritable(folder))
            throw new IOException("cannot write " + file + ": no permission to write in " + folder);
    }

    /** @throws IOException in one sentence if there is nothing to write */
    static void checkShape(Path target, VideoShape shape) throws IOException {
        if (shape.frames() == 0 || shape.members() == 0)
            throw new IOException("there are no frames to write to " + target);
    }

    /** The failure of writing {@code target}, as one sentence. */
    static IOException failed(Path target, IOException cause) {
        if (cause instanceof PendingFile.Failure) return cause;
        String reason = cause instanceof FileSystemException files ? files.getReason() : cause.getMessage();
        if (reason == null)
            reason = cause instanceof FileSystemException
                    ? "its folder takes no new files"
                    : cause.getClass().getSimpleName();
        return new IOException("cannot write " + target + ": " + reason, cause);
    }
}
