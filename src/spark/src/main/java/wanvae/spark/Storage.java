package wanvae.spark;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Access to the file systems that Hadoop opens. */
record Storage(Configuration conf) {
    /** The number of bytes that are read at the beginning and at the end of a file, to know its header. */
    private static final int HEAD = 1 << 18;

    private static final String GLOB = "*?[{";

    /**
     * A file that was found.
     *
     * @param below its folder, relative to the part of the pattern without wildcards
     */
    record Found(String uri, String below) {}

    static String child(String folder, String name) {
        return folder.endsWith("/") ? folder + name : folder + "/" + name;
    }

    private FileSystem of(Path path) throws IOException {
        FileSystem files = path.getFileSystem(conf);
        // The raw file system does not put Hadoop's hidden checksum files beside local files.
        return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    }

    /** A URI that means the same in every process. A relative one is resolved against the driver's working folder. */
    String absolute(String uri) throws IOException {
        Path path = new Path(uri);
        return of(path).makeQualified(path).toString();
    }

    /**
     * Finds the files that match a pattern. As in Spark, those whose names begin with a dot or an underscore are left
     * out.
     *
     * @throws FileNotFoundException if there are none
     */
    List<Found> find(String pattern) throws IOException {
        Path path = new Path(absolute(pattern));
        Path plain = path.getParent();
        while (plain != null && plain.toString().chars().anyMatch(c -> GLOB.indexOf(c) >= 0)) plain = plain.getParent();
        FileStatus[] matches = of(path).globStatus(path);
        var found = new ArrayList<Found>();
        if (matches != null)
            for (FileStatus match : matches)
                if (match.isFile() && !match.getPath().getName().matches("[._].*"))
                    found.add(new Found(match.getPath().toString(), below(plain, match.getPath())));
        if (found.isEmpty()) throw new FileNotFoundException("there is no file " + pattern);
        return found;
    }

    private static String below(Path folder, Path file) {
        String all = file.getParent().toUri().getPath();
        String head = folder.toUri().getPath();
        return all.length() <= head.length() ? "" : all.substring(head.length()).replaceFirst("^/", "");
    }

    boolean exists(String uri) throws IOException {
        return of(new Path(uri)).exists(new Path(uri));
    }

    long length(String uri) throws IOException {
        return of(new Path(uri)).getFileStatus(new Path(uri)).getLen();
    }

    /** A local file or folder with these contents: the original if it is local, else a copy in {@code folder}. */
    java.nio.file.Path local(String uri, java.nio.file.Path folder) throws IOException {
        Path path = new Path(uri);
        FileSystem files = of(path);
        if (files.getUri().getScheme().equals("file"))
            return java.nio.file.Path.of(path.toUri().getPath());
        java.nio.file.Path copy = folder.resolve(path.getName());
        files.copyToLocalFile(false, path, new Path(copy.toUri()), true);
        return copy;
    }

    /** A sparse local file as long as the original, with the parts that are needed to read its header. */
    java.nio.file.Path head(String uri, java.nio.file.Path folder) throws IOException {
        Path path = new Path(uri);
        java.nio.file.Path head = folder.resolve(path.getName());
        long length = length(uri);
        try (FSDataInputStream in = of(path).open(path);
                RandomAccessFile out = new RandomAccessFile(head.toFile(), "rw")) {
            out.setLength(length);
            for (long at : new long[] {0, Math.max(0, length - HEAD)}) {
                byte[] part = new byte[(int) Math.min(HEAD, length - at)];
                in.readFully(at, part);
                out.seek(at);
                out.write(part);
            }
            return head;
        } catch (EOFException e) {
            throw new IOException(uri + ": was cut while it was read", e);
        }
    }

    /**
     * Publishes a local file under a name in one step: a copy beside the target is renamed. All attempts at the same
     * file make the same bytes, so any of them may win.
     *
     * @param part prefix of the copy's name
     * @return the size of the file in bytes
     */
    long publish(java.nio.file.Path file, String uri, String part, boolean overwrite) throws IOException {
        Path target = new Path(uri);
        FileSystem files = of(target);
        Path copy = new Path(target.getParent(), part + Long.toHexString(System.nanoTime()) + "-" + target.getName());
        try {
            files.copyFromLocalFile(false, true, new Path(file.toUri()), copy);
            long bytes = files.getFileStatus(copy).getLen();
            if (overwrite) files.delete(target, false);
            if (!files.rename(copy, target) && !files.exists(target))
                throw new IOException(uri + ": cannot be written: its file system refuses the name");
            return bytes;
        } finally {
            files.delete(copy, false);
        }
    }

    /** Deletes copies that killed attempts have left in the folders of these files. */
    void clean(List<String> uris, String part) throws IOException {
        for (Path folder :
                uris.stream().map(uri -> new Path(uri).getParent()).distinct().toList()) {
            FileSystem files = of(folder);
            FileStatus[] left = files.globStatus(new Path(folder, part + "*"));
            if (left != null) for (FileStatus file : left) files.delete(file.getPath(), false);
        }
    }
}
