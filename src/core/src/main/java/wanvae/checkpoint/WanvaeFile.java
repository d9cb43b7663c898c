package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Tensor;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.runtime.PendingFile;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/**
 * A .wanvae file, read through a memory map: magic and version, the header's length, the header as a FlatBuffer ({@code
 * wanvae.fbs}), then the tensors of the decoder and, where there is one, of the encoder, each aligned to 64 bytes and
 * with a CRC-32C that is checked when it is read. Offsets have 64 bits.
 */
public final class WanvaeFile implements Checkpoint {
    private static final byte[] MAGIC = {'W', 'A', 'N', 'V', 'A', 'E'};
    private static final short VERSION = 1;
    private static final int PREAMBLE = 16;
    private static final int ALIGNMENT = 64;
    private static final long LONGEST_HEADER = 16 << 20;
    private static final String CONFIGURED = "its own configuration";
    private static final int CHUNK = 1 << 16;
    /** The types that are written. */
    private static final List<DType> KEPT = List.of(DType.F32, DType.F16, DType.BF16);

    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment file;
    private final VaeConfig config;
    private final Map<String, TensorInfo> decoder;
    private final EncoderPart encoder;
    /** Where the tensors of both halves lie. */
    private final Map<String, WanvaeHeader.Extent> extents = new HashMap<>();

    /** Whether the file begins as a .wanvae file does. */
    static boolean isOne(Path path) throws IOException {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) return false;
        try (var in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    /**
     * Opens a .wanvae file and checks its whole header.
     *
     * @throws FormatException if it is not a sound one
     */
    public static WanvaeFile open(Path path) throws IOException {
        if (!Files.isReadable(path))
            throw new AccessDeniedException(path.toString(), null, "cannot be opened for reading");
        Arena arena = Arena.ofShared();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            return new WanvaeFile(path, channel, arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            if (channel != null) channel.close();
            throw e;
        }
    }

    private WanvaeFile(Path path, FileChannel channel, Arena arena) throws IOException {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        this.file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        ByteBuffer preamble = file.asSlice(0, Math.min(PREAMBLE, file.byteSize()))
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
        if (preamble.limit() < PREAMBLE
                || !file.asSlice(0, MAGIC.length).asByteBuffer().equals(ByteBuffer.wrap(MAGIC))) {
            throw new FormatException(path + ": not a .wanvae file");
        }
        if (preamble.getShort(6) != VERSION) {
            throw new FormatException(
                    path + ": .wanvae version " + (preamble.getShort(6) & 0xFFFF) + ", expected " + VERSION);
        }
        long length = preamble.getLong(8);
        if (length < 8 || length > LONGEST_HEADER || length > file.byteSize() - PREAMBLE) {
            throw new FormatException(path + ": header length " + Long.toUnsignedString(length) + ", expected at most "
                    + LONGEST_HEADER + " and within the file's " + file.byteSize() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(file.asSlice(PREAMBLE, length).asByteBuffer()).flip();
        VaeFamily<?> family = WanvaeHeader.check(bytes, path.toString());
        Header header = Header.getRootAsHeader(bytes);
        config = family.readHeader(header);
        VaeFamily.of(config).check(config, path.toString());
        long dataStart = PREAMBLE + length;
        Map<String, TensorInfo> found = readTensors(header.tensorsLength(), header::tensors, dataStart);
        Map<String, TensorInfo> foundEncoder =
                readTensors(header.encoderTensorsLength(), header::encoderTensors, dataStart);
        requireDisjoint(dataStart);
        decoder = TensorMatch.match(config, Half.DECODER, CONFIGURED, found, path.toString());
        encoder = EncoderPart.of(config, CONFIGURED, path, () -> foundEncoder);
    }

    private Map<String, TensorInfo> readTensors(int count, IntFunction<Tensor> entries, long dataStart)
            throws FormatException {
        var found = new LinkedHashMap<String, TensorInfo>();
        for (int i = 0; i < count; i++) {
            Tensor tensor = entries.apply(i);
            String name = tensor.name();
            if (tensor.dtype() < 0 || tensor.dtype() >= WanvaeHeader.TYPES.size())
                throw bad(name, "an unknown type, " + tensor.dtype());
            var info = new TensorInfo(name, WanvaeHeader.TYPES.get(tensor.dtype()), shape(tensor));
            checkExtent(info, tensor, dataStart);
            found.put(name, info);
            var extent = new WanvaeHeader.Extent(tensor.offset(), tensor.length(), (int) tensor.crc32c());
            if (extents.put(name, extent) != null) throw bad(name, "two entries");
        }
        return found;
    }

    private void requireDisjoint(long dataStart) throws FormatException {
        long reached = dataStart;
        for (var entry : extents.entrySet().stream()
                .sorted(Comparator.comparingLong(e -> e.getValue().offset()))
                .toList()) {
            WanvaeHeader.Extent extent = entry.getValue();
            if (extent.offset() < reached) throw bad(entry.getKey(), "data that overlaps what is before it");
            reached = extent.offset() + extent.length();
        }
    }

    private void checkExtent(TensorInfo info, Tensor tensor, long dataStart) throws FormatException {
        long expected;
        try {
            expected = Math.multiplyExact(info.elements(), (long) info.dtype().bytes());
        } catch (ArithmeticException e) {
            throw bad(info.name(), "shape " + Arrays.toString(info.shape()) + ", whose size overflows");
        }
        if (tensor.length() != expected || expected < 0) {
            throw bad(
                    info.name(),
                    Long.toUnsignedString(tensor.length()) + " bytes of data, but " + info.dtype()
                            + Arrays.toString(info.shape()) + " takes " + expected);
        }
        if (tensor.offset() < dataStart || tensor.offset() > file.byteSize() - expected) {
            throw bad(
                    info.name(),
                    expected + " bytes of data at " + Long.toUnsignedString(tensor.offset()) + ", outside the file's "
                            + file.byteSize());
        }
    }

    private static long[] shape(Tensor tensor) {
        long[] shape = new long[tensor.shapeLength()];
        for (int d = 0; d < shape.length; d++) shape[d] = tensor.shape(d);
        return shape;
    }

    private FormatException bad(String tensor, String found) {
        return new FormatException(path + ": tensor " + FormatException.quote(tensor) + " has " + found);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public VaeConfig config() {
        return config;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return decoder;
    }

    @Override
    public Set<Half> halves() {
        return encoder.isThere() ? EnumSet.allOf(Half.class) : EnumSet.of(Half.DECODER);
    }

    @Override
    public Map<String, TensorInfo> tensors(Half half) throws FormatException {
        return half == Half.DECODER ? decoder : encoder.require();
    }

    @Override
    public void read(String name, MemorySegment target) throws IOException {
        TensorInfo info = info(name);
        TensorFile.requireSize(info, target);
        WanvaeHeader.Extent extent = extents.get(name);
        check(name, file.asSlice(extent.offset(), extent.length()), info.dtype(), target);
    }

    @Override
    public Optional<MemorySegment> map(String name, Arena arena) throws IOException {
        if (info(name).dtype() != DType.F32 || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN)
            return Optional.empty();
        WanvaeHeader.Extent extent = extents.get(name);
        MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, extent.offset(), extent.length(), arena);
        check(name, mapped, DType.F32, null);
        return Optional.of(mapped);
    }

    private TensorInfo info(String name) {
        TensorInfo info = decoder.get(name);
        if (info == null && encoder instanceof EncoderPart.Sound sound)
            info = sound.tensors().get(name);
        if (info == null) throw new IllegalArgumentException("no tensor " + name);
        return info;
    }

    /**
     * Checks a tensor's checksum.
     *
     * @param target gets the values widened to float32, or null
     */
    private void check(String name, MemorySegment mapped, DType dtype, MemorySegment target) throws IOException {
        var crc = new CRC32C();
        int size = dtype.bytes();
        MemorySegment chunk = MemorySegment.ofArray(new byte[(int) Math.min((long) CHUNK * size, mapped.byteSize())]);
        try {
            for (long done = 0, n = mapped.byteSize() / size; done < n; done += CHUNK) {
                if (Thread.currentThread().isInterrupted())
                    throw new ClosedByInterruptException(); // as a read from a channel would
                int count = (int) Math.min(CHUNK, n - done);
                MemorySegment stored = chunk.asSlice(0, (long) count * size);
                // Only plain copies touch the map: if the file is truncated meanwhile they throw, where the intrinsic
                // of a checksum would end the JVM.
                MemorySegment.copy(mapped, done * size, stored, 0, stored.byteSize());
                crc.update(stored.asByteBuffer());
                if (target != null)
                    dtype.widen(stored, ByteOrder.LITTLE_ENDIAN, target.asSlice(4 * done, 4L * count), count);
            }
        } catch (InternalError e) { // how the JVM reports that a mapped file was truncated
            throw new IOException(path + ": was cut or became unreadable while being read", e);
        }
        if ((int) crc.getValue() != extents.get(name).crc())
            throw bad(name, "damaged data, its checksum does not match");
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }

    /** Writes all halves of a checkpoint as it is: {@link ConvertOptions#DEFAULT}. */
    public static void write(Checkpoint source, Path target) throws IOException {
        write(source, target, ConvertOptions.DEFAULT);
    }

    /**
     * Writes a checkpoint. The same input gives the same bytes; the target is whole or untouched.
     *
     * @throws FormatException if the encoder is asked for and the source's is damaged, or if a finite value does not
     *         fit the type asked for
     * @throws IOException if the source cannot be read or the target not be written
     */
    public static void write(Checkpoint source, Path target, ConvertOptions options) throws IOException {
        var halves = new EnumMap<Half, List<TensorInfo>>(Half.class);
        for (Half half : source.halves()) {
            if (!options.halves().contains(half)) continue;
            List<TensorInfo> infos = halves.computeIfAbsent(half, empty -> new ArrayList<>());
            for (TensorInfo info : source.tensors(half).values()) {
                DType kept = KEPT.contains(info.dtype()) ? info.dtype() : DType.F32;
                infos.add(new TensorInfo(info.name(), options.dtype().orElse(kept), info.shape()));
            }
        }
        List<TensorInfo> all = halves.values().stream().flatMap(List::stream).toList();
        var extents = new LinkedHashMap<String, WanvaeHeader.Extent>();
        for (TensorInfo info : all) extents.put(info.name(), new WanvaeHeader.Extent(0, 0, 0));
        long end = PREAMBLE
                + WanvaeHeader.write(source.config(), halves, extents)
                        .remaining(); // the header's size does not depend on the extents
        try (var file = PendingFile.create(target, PendingFile.Existing.REPLACE_WRITABLE)) {
            for (TensorInfo info : all) {
                long offset = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                file.seek(offset);
                extents.put(info.name(), writeTensor(source, info, file, offset));
                end = file.position();
            }
            ByteBuffer header = WanvaeHeader.write(source.config(), halves, extents);
            file.seek(0);
            ByteBuffer preamble = ByteBuffer.allocate(PREAMBLE).order(ByteOrder.LITTLE_ENDIAN);
            file.write(preamble.put(MAGIC)
                    .putShort(VERSION)
                    .putLong(header.remaining())
                    .flip());
            file.write(header);
            file.commit();
        }
    }

    private static WanvaeHeader.Extent writeTensor(Checkpoint source, TensorInfo info, PendingFile file, long offset)
            throws IOException {
        var crc = new CRC32C();
        long n = info.elements();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * n, 4);
            MemorySegment narrowed = arena.allocate((long) CHUNK * info.dtype().bytes());
            source.read(info.name(), values);
            for (long done = 0; done < n; done += CHUNK) {
                int count = (int) Math.min(CHUNK, n - done);
                MemorySegment part = values.asSlice(4 * done, 4L * count);
                if (info.dtype() == DType.F16) requireF16(part, info.name(), source.path());
                info.dtype().narrow(part, narrowed, count);
                ByteBuffer bytes =
                        narrowed.asSlice(0, (long) count * info.dtype().bytes()).asByteBuffer();
                crc.update(bytes.duplicate());
                file.write(bytes);
            }
        }
        return new WanvaeHeader.Extent(offset, n * info.dtype().bytes(), (int) crc.getValue());
    }

    private static void requireF16(MemorySegment values, String tensor, Path source) throws FormatException {
        for (long i = 0; i < values.byteSize() / 4; i++) {
            float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (Float.isFinite(value) && Math.abs(value) >= 65520) {
                throw new FormatException(
                        source + ": tensor " + tensor + " holds " + value + ", which F16 cannot, choose bf16 or f32");
            }
        }
    }
}
