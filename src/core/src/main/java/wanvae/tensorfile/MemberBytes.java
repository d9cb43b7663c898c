package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A member of a zip archive. A stored one is a part of the file. A deflated one is inflated from its beginning up to
 * the bytes that are asked for, and from there on when later ones follow, so that it takes no memory of its own; going
 * back starts again from the beginning. A member's checksum is compared when its end has been inflated. Does not own the
 * archive's file.
 */
final class MemberBytes extends Bytes {
    /** Deflate's best: 258 bytes from 2 bits. */
    private static final int BEST_RATIO = 1032;

    private static final int CHUNK = 1 << 16;

    private final Bytes archive;
    private final ZipDirectory.Entry entry;
    private final ByteBuffer input = ByteBuffer.allocate(CHUNK);
    private final CRC32 checksum = new CRC32();
    private Inflater inflater;
    private long read;
    private long inflated;

    /** @throws FormatException if the member is neither stored nor deflated, or claims a size that no data has */
    static MemberBytes of(Bytes archive, ZipDirectory.Entry entry) throws FormatException {
        String name = archive.name() + ": entry " + FormatException.quote(entry.name());
        if (!entry.isStored() && !entry.isDeflated()) {
            throw new FormatException(
                    name + " is compressed by method " + entry.method() + ", expected 0 or 8, deflate");
        }
        if (entry.isDeflated() && entry.size() > BEST_RATIO * (entry.stored() + 1)) {
            throw new FormatException(name + " cannot hold " + entry.size() + " bytes deflated into " + entry.stored());
        }
        return new MemberBytes(archive, entry, name);
    }

    private MemberBytes(Bytes archive, ZipDirectory.Entry entry, String name) {
        super(name, entry.size());
        this.archive = archive;
        this.entry = entry;
    }

    @Override
    void fill(long position, ByteBuffer target) throws IOException {
        if (entry.isStored()) archive.fill(entry.offset() + position, target);
        else inflate(position, target);
    }

    private synchronized void inflate(long position, ByteBuffer target) throws IOException {
        if (inflater == null || position < inflated) restart();
        ByteBuffer skipped = ByteBuffer.allocate((int) Math.min(CHUNK, position - inflated));
        while (inflated < position) {
            inflate(skipped.clear().limit((int) Math.min(skipped.capacity(), position - inflated)));
        }
        inflate(target);
    }

    private void restart() {
        close();
        inflater = new Inflater(true);
        read = 0;
        inflated = 0;
        checksum.reset();
        input.clear().limit(0);
    }

    private void inflate(ByteBuffer target) throws IOException {
        ByteBuffer filled = target.duplicate();
        while (target.hasRemaining()) {
            try {
                int n = inflater.inflate(target);
                inflated += n;
                if (n > 0) continue;
            } catch (DataFormatException e) {
                throw new FormatException(name() + " is damaged: its deflated data makes no sense", e);
            }
            if (inflater.finished() || inflater.needsDictionary() || read == entry.stored()) {
                throw new FormatException(
                        name() + " ends too early, after " + inflated + " of its " + size() + " bytes");
            }
            input.clear().limit((int) Math.min(CHUNK, entry.stored() - read));
            archive.fill(entry.offset() + read, input);
            read += input.flip().limit();
            inflater.setInput(input);
        }
        checksum.update(filled.limit(target.position()));
        if (inflated == size() && checksum.getValue() != entry.crc())
            throw new FormatException(name() + " is damaged: its data do not match their checksum");
    }

    @Override
    public synchronized void close() {
        if (inflater != null) inflater.end();
        inflater = null;
    }
}
