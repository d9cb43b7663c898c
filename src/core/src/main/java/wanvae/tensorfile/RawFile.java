package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Map;

/** The elements of one tensor, named "array", and nothing else: somebody else tells their type and shape. */
final class RawFile implements TensorFile {
    private final Bytes file;
    private final TensorInfo info;
    private final TensorView view;

    /** Takes over the file, but does not close it when it throws. */
    RawFile(Bytes file, DType dtype, long[] shape) throws FormatException {
        this.file = file;
        info = new TensorInfo(NpyFile.TENSOR, dtype, shape);
        long bytes;
        try {
            for (long size : shape) if (size < 0) throw new ArithmeticException();
            bytes = dtype.bytes(info.elements());
        } catch (ArithmeticException e) {
            throw new FormatException(file.name() + ": " + info + " is no shape");
        }
        if (bytes != file.size())
            throw new FormatException(
                    file.name() + ": has " + file.size() + " bytes, expected " + bytes + " for " + info);
        view = new TensorView(info, file, 0, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String name() {
        return file.name();
    }

    /** Integers too: whoever says what the bytes are means them. */
    @Override
    public Map<String, TensorInfo> tensors() {
        return Map.of(NpyFile.TENSOR, info);
    }

    @Override
    public void read(String tensor, MemorySegment target) throws IOException {
        TensorFile.requireSize(require(tensor), target);
        view.read(target);
    }

    @Override
    public void read(String tensor, long first, MemorySegment target) throws IOException {
        TensorFile.requireRun(require(tensor), first, target);
        view.read(first, target);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
