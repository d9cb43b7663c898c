package wanvae.tensorfile;

import java.nio.ByteOrder;

/** The elements of one tensor, named "array", and nothing else: the caller gives their type and shape. */
final class RawFile extends ViewedFile {
    /** Takes ownership of the file, but does not close it when it throws. */
    RawFile(Bytes file, DType dtype, long[] shape) throws FormatException {
        super(file);
        TensorInfo info = new TensorInfo(NpyFile.TENSOR, dtype, shape);
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
        // Integers are listed as tensors here, because the caller has asked for their type.
        tensors.put(info.name(), info);
        views.put(info.name(), new TensorView(info, file, 0, ByteOrder.LITTLE_ENDIAN));
    }
}
