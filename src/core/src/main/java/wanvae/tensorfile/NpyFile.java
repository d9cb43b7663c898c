package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** A NumPy .npy file: one tensor, named "array", of f2, f4, f8, bfloat16, u1 or u2 in C or Fortran order. */
public final class NpyFile implements TensorFile {
    /** The name we give the file's only tensor. */
    public static final String TENSOR = "array";

    private final Bytes file;
    private final TensorView view;

    /** Takes over the file, but does not close it when it throws. */
    NpyFile(Bytes file) throws IOException {
        this.file = file;
        NpyArray array = NpyArray.of(file, TENSOR);
        view = array.view();
        if (view == null) {
            throw new FormatException(name() + ": array of type " + FormatException.quote(array.type())
                    + ", expected f2, f4, f8, bfloat16, u1 or u2");
        }
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return view.info().dtype().isFloat() ? Map.of(TENSOR, view.info()) : Map.of();
    }

    @Override
    public Map<String, TensorInfo> integers() {
        return view.info().dtype().isFloat() ? Map.of() : Map.of(TENSOR, view.info());
    }

    @Override
    public void read(String tensor, MemorySegment target) throws IOException {
        TensorFile.requireSize(requireAny(tensor), target);
        view.read(target);
    }

    @Override
    public void read(String tensor, long first, MemorySegment target) throws IOException {
        TensorFile.requireRun(requireAny(tensor), first, target);
        view.read(first, target);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
