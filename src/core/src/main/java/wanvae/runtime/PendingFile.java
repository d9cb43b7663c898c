package wanvae.runtime;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file being written beside the name it will get. {@link #commit} syncs it and gives it that name in one step, so
 * that under the name there is always either what was there before or the complete new file. Closing without a commit
 * deletes it. For one thread at a time.
 *
 * <p>A symbolic link stays one: the file it points to is written, whether it exists or not. A file that is replaced
 * leaves its permissions to the new one and, where the system allows, its owner and group; until then only the owner
 * may read the new one.
 */
public final class PendingFile implements AutoCloseable {
    /** What to do with a file that already has the name. */
    public enum Existing {
        /** Refuse it, also one that appears before the commit. */
        REFUSE,
        /** Replace it, but refuse it if it is read-only. */
        REPLACE_WRITABLE,
        /** Replace it, read-only or not. */
        REPLACE
    }

    /** Why a file cannot be written, in one sentence that names it. */
    public static final class Failure extends IOException {
        private Failure(Path name, String reason, IOException cause) {
            super("cannot write " + name + ": " + reason, cause);
        }
    }

    /** More links than a file system follows. */
    private static final int MOST_LINKS = 40;

    private static final AtomicLong NUMBER = new AtomicLong(System.nanoTime());

    /** The name as the caller gave it, for messages. */
    private final Path name;

    private final Path target, part;
    private final Existing existing;
    private final FileChannel channel;
    private OutputStream stream;
    private boolean committed;

    private PendingFile(Path name, Path target, Path part, Existing existing, FileChannel channel) {
        this.name = name;
        this.target = target;
        this.part = part;
        this.existing = existing;
        this.channel = channel;
    }

    /**
     * Begins a file.
     *
     * @param name     the name it will get, in a folder that exists; it may be as long as the file system allows
     * @param existing what to do with a file that has this name, now or when this one is committed
     * @throws Failure if it cannot be written, in one sentence
     */
    public static PendingFile create(Path name, Existing existing) throws IOException {
        Path target = throughLinks(name);
        try {
            requireReplaceable(name, target, existing);
            for (Path part = beside(target); ; part = beside(target))
                try {
                    return new PendingFile(name, target, part, existing, open(part, isThere(target)));
                } catch (FileAlreadyExistsException e) {
                    continue;
                }
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /**
     * The file at the end of symbolic links; it need not exist.
     *
     * @throws Failure if they lead nowhere
     */
    public static Path throughLinks(Path name) throws IOException {
        Path target = name.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MOST_LINKS) throw new Failure(name, "its symbolic links lead to no file", null);
            try {
                target = target.resolveSibling(Files.readSymbolicLink(target));
            } catch (IOException e) {
                throw failed(name, e);
            }
        }
        return target;
    }

    private static void requireReplaceable(Path name, Path target, Existing existing) throws IOException {
        if (target.getFileName() == null || Files.isDirectory(target)) throw new Failure(name, "it is a folder", null);
        Path folder = target.getParent();
        if (!Files.isDirectory(folder))
            throw new Failure(
                    name,
                    Files.exists(folder) ? folder + " is no folder" : "the folder " + folder + " does not exist",
                    null);
        if (!isThere(target)) return;
        if (existing == Existing.REFUSE) throw new Failure(name, "it exists already", null);
        if (!Files.isRegularFile(target)) throw new Failure(name, "it exists and is no regular file", null);
        if (existing == Existing.REPLACE_WRITABLE && isReadOnly(target))
            throw new Failure(name, "it is read-only", null);
    }

    /**
     * Whether there is a file of this name.
     *
     * @throws IOException if there cannot be one: where the name is too long, say
     */
    private static boolean isThere(Path target) throws IOException {
        try {
            Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether it is read-only. For an administrator every file is writable, so its permissions are checked too. */
    private static boolean isReadOnly(Path target) throws IOException {
        if (!Files.isWritable(target)) return true;
        PosixFileAttributeView view = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        return view != null && !view.readAttributes().permissions().contains(PosixFilePermission.OWNER_WRITE);
    }

    /** Opens a new file. Only its owner may read it where it will replace another. */
    private static FileChannel open(Path part, boolean replaces) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);
        boolean posix = Files.getFileAttributeView(part.getParent(), PosixFileAttributeView.class) != null;
        return FileChannel.open(
                part,
                options,
                replaces && posix
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0]);
    }

    /** A new hidden name in the same folder, so that the move stays on one file system; short in any case. */
    public static Path beside(Path target) {
        return target.resolveSibling(".wanvae-" + ProcessHandle.current().pid() + "-"
                + Long.toHexString(NUMBER.getAndIncrement()) + ".part");
    }

    /**
     * Opens a file in the target's folder for data that is needed until the output is complete; it is gone once closed.
     */
    public static FileChannel scratch(Path target) throws IOException {
        while (true)
            try {
                return FileChannel.open(
                        beside(target),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.READ,
                        StandardOpenOption.DELETE_ON_CLOSE);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
    }

    /** The failure as one about the final name, because the temporary name means nothing to the user. */
    private static IOException failed(Path name, IOException e) {
        if (e instanceof Failure || e instanceof ClosedByInterruptException) return e;
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return new Failure(name, reason == null ? "its folder takes no new files" : reason, e);
    }

    /** The file that will be written: the name itself, or what it links to. */
    public Path target() {
        return target;
    }

    /** The open file, for writing and reading. */
    public FileChannel channel() {
        return channel;
    }

    /** The open file as a buffered stream, always the same one. */
    public OutputStream stream() {
        if (stream == null) stream = new BufferedOutputStream(new Unbuffered(), 1 << 16);
        return stream;
    }

    /** Writes all that remains in the buffer. */
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) channel.write(bytes);
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    private final class Unbuffered extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            PendingFile.this.write(ByteBuffer.wrap(bytes, from, length));
        }
    }

    /** Where the next bytes go, counted from the beginning. */
    public long position() throws IOException {
        return channel.position();
    }

    /** Sets where the next bytes go; skipped bytes hold zeros. */
    public void seek(long position) throws IOException {
        channel.position(position);
    }

    /** Writes everything to the disk. Nothing that follows can fail for lack of space. */
    public void sync() throws IOException {
        try {
            if (stream != null) stream.flush();
            channel.force(true);
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /**
     * Gives the file its name, as the last step.
     *
     * @throws Failure if a file that has the name by now is to be refused, or the file system refuses
     */
    public void commit() throws IOException {
        sync();
        channel.close();
        place(part, name, target, existing);
        committed = true;
    }

    /**
     * Gives a complete file, on the same file system, its name: as {@link #commit} does, under the same rules for what
     * is there and for links.
     *
     * @throws Failure if a file that has the name is to be refused, or the file system refuses
     */
    public static void place(Path file, Path name, Existing existing) throws IOException {
        place(file, name, throughLinks(name), existing);
    }

    private static void place(Path file, Path name, Path target, Existing existing) throws IOException {
        try {
            requireReplaceable(name, target, existing);
            if (isThere(target)) keepAttributes(file, target);
            if (existing == Existing.REFUSE) moveToNewName(file, name, target);
            else move(file, target);
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /**
     * Commits several files, none of them before all are synced. Where one is refused, those that already got a new
     * name are deleted again.
     */
    public static void commit(List<PendingFile> files) throws IOException {
        for (PendingFile file : files) file.sync();
        int done = 0;
        try {
            for (PendingFile file : files) {
                file.commit();
                done++;
            }
        } catch (IOException e) {
            for (PendingFile file : files.subList(0, done))
                if (file.existing == Existing.REFUSE) Files.deleteIfExists(file.target);
            throw e;
        }
    }

    private static void keepAttributes(Path file, Path target) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) return;
        PosixFileAttributes old = Files.readAttributes(target, PosixFileAttributes.class), now = view.readAttributes();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(old.permissions());
        if (!old.owner().equals(now.owner()))
            try {
                view.setOwner(old.owner());
            } catch (IOException e) {
                // Only an administrator may give files away.
            }
        if (!old.group().equals(now.group()))
            try {
                view.setGroup(old.group());
            } catch (IOException e) {
                // Another group gets no more than everyone.
                permit(permissions, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
                permit(permissions, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
                permit(permissions, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);
            }
        view.setPermissions(permissions);
    }

    private static void permit(
            Set<PosixFilePermission> permissions, PosixFilePermission what, PosixFilePermission like) {
        if (permissions.contains(like)) permissions.add(what);
        else permissions.remove(what);
    }

    /**
     * Links the file to the name, which fails where the name is taken. Without links, an empty file reserves it first.
     */
    private static void moveToNewName(Path file, Path name, Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (FileAlreadyExistsException e) {
            throw new Failure(name, "it exists already", e);
        } catch (IOException | UnsupportedOperationException noLinks) {
            reserve(file, name, target);
            return;
        }
        Files.deleteIfExists(file);
    }

    private static void reserve(Path file, Path name, Path target) throws IOException {
        try {
            Files.createFile(target);
        } catch (FileAlreadyExistsException e) {
            throw new Failure(name, "it exists already", e);
        }
        try {
            move(file, target);
        } catch (IOException e) {
            Files.deleteIfExists(target);
            throw e;
        }
    }

    /** Moves a file or folder over a name in one step, where the file system can. */
    public static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Deletes the file unless it was committed. */
    @Override
    public void close() throws IOException {
        if (committed) return;
        channel.close();
        Files.deleteIfExists(part);
    }
}
