package wanvae.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import wanvae.video.VideoOutput.UnsupportedEndingException;

/**
 * How a command failed.
 *
 * @param code     exit code of the process
 * @param sentence what to tell the user; empty if there is nothing to tell
 */
public record Failure(int code, String sentence) {
    static final Failure INTERRUPTED = new Failure(Main.INTERRUPTED, "interrupted; no file was changed.");

    /** Nobody reads the output any more. The code is that of a program killed by SIGPIPE in a shell: 128 + 13. */
    static final Failure UNREAD = new Failure(141, "");

    /** The failure of a command that threw this. */
    public static Failure of(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause())
            if (String.valueOf(cause.getMessage()).contains("Too many open files"))
                return new Failure(
                        Main.FAILED, "this process may not open enough files: raise the limit, as by ulimit -n 1024.");
        return switch (thrown) {
            case CancellationException e -> INTERRUPTED;
            case InterruptedIOException e -> INTERRUPTED;
            case TextOutput.UnreadException e -> UNREAD;
            case ClosedByInterruptException e -> INTERRUPTED;
            case UnsupportedEndingException e -> new Failure(Main.USAGE, sentence(e.getMessage()));
            case UsageException e -> new Failure(Main.USAGE, e.getMessage());
            case IOException e -> new Failure(Main.FAILED, sentence(ofFiles(e)));
            case IllegalArgumentException e
            when e.getMessage() != null -> new Failure(Main.FAILED, sentence(e.getMessage()));
            case OutOfMemoryError e -> new Failure(Main.FAILED, "not enough memory: " + e.getMessage() + ".");
            default ->
                new Failure(Main.FAILED, "internal error, please report it: " + thrown + " (--verbose shows where).");
        };
    }

    static boolean isClosedPipe(IOException thrown) {
        return String.valueOf(thrown.getMessage()).contains("Broken pipe");
    }

    private static String sentence(String message) {
        return message.endsWith(".") ? message : message + ".";
    }

    private static String ofFiles(IOException thrown) {
        String message = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        if (message.contains("No space left on device")) return "the disk is full: " + message;
        if (isClosedPipe(thrown)) return "the program reading standard output closed it before the end";
        return switch (thrown) {
            case NoSuchFileException e -> "there is no " + e.getFile();
            case AccessDeniedException e -> "no permission for " + e.getFile();
            case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
            default -> message;
        };
    }
}
