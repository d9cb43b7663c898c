package wanvae.tensorfile;

import java.io.IOException;

/** A NumPy .npy file: one tensor, named "array", of f2, f4, f8, bfloat16, u1 or u2 in C or Fortran order. */
public final class NpyFile extends ViewedFile {
    /** The name of the file's only tensor. */
    public static final String TENSOR = "array";

    /** Takes ownership of the file, but does not close it when it throws. */
    NpyFile(Bytes file) throws IOException {
        super(file);
        NpyArray array = NpyArray.of(file, TENSOR);
        if (array.view() == null) {
            throw new FormatException(name() + ": array of type " + FormatException.quote(array.type())
                    + ", expected f2, f4, f8, bfloat16, u1 or u2");
        }
        add(array.view());
    }
}
