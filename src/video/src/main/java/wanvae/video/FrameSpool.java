package wanvae.video;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import wanvae.video.h264.YuvFrame;

/** A file of frames of one size, which are read once more in their order. {@link #close} deletes the file. */
final class FrameSpool implements Closeable {
    private final Path file;
    private final FileChannel channel;
    private long frames;

    /** @throws IOException if the folder cannot take a file */
    FrameSpool(Path folder) throws IOException {
        file = Files.createTempFile(folder, "wanvae-", ".yuv");
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    void add(YuvFrame frame) throws IOException {
        try {
            for (byte[] plane : new byte[][] {frame.y(), frame.u(), frame.v()})
                for (ByteBuffer bytes = ByteBuffer.wrap(plane); bytes.hasRemaining(); ) channel.write(bytes);
        } catch (IOException e) {
            throw new IOException(
                    "the frames between two passes do not go into " + file.getParent() + ": " + e.getMessage(), e);
        }
        frames++;
    }

    long frames() {
        return frames;
    }

    void rewind() throws IOException {
        channel.position(0);
    }

    /** Reads the next frame into the planes of this one. */
    void read(YuvFrame frame) throws IOException {
        for (byte[] plane : new byte[][] {frame.y(), frame.u(), frame.v()})
            for (ByteBuffer bytes = ByteBuffer.wrap(plane); bytes.hasRemaining(); )
                if (channel.read(bytes) < 0) throw new EOFException("the frames between two passes were cut: " + file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
