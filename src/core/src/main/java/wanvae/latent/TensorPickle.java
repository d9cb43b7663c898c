package wanvae.latent;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import wanvae.tensorfile.DType;

/** The pickle, protocol 2, that {@code torch.save} writes of a dictionary with one contiguous tensor. */
final class TensorPickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private TensorPickle() {}

    static byte[] of(String key, LatentShape shape, DType dtype) {
        TensorPickle pickle = new TensorPickle();
        pickle.write(key, shape, dtype);
        return pickle.out.toByteArray();
    }

    private void write(String key, LatentShape shape, DType dtype) {
        String storage = switch (dtype) {
            case BF16 -> "BFloat16Storage";
            case F16 -> "HalfStorage";
            default -> "FloatStorage";
        };
        code("\u0080\u0002}");
        text(key);
        global("torch._utils", "_rebuild_tensor_v2");
        code("((");
        text("storage");
        global("torch", storage);
        text("0");
        text("cpu");
        number(shape.elements());
        code("tQ"); // the storage, by its persistent identifier
        number(0);
        long[] sizes = {shape.batch(), shape.channels(), shape.frames(), shape.height(), shape.width()};
        long[] strides = new long[sizes.length];
        for (int i = sizes.length - 1; i >= 0; i--)
            strides[i] = i == sizes.length - 1 ? 1 : strides[i + 1] * sizes[i + 1];
        tuple(sizes);
        tuple(strides);
        code("\u0089"); // needs no gradient
        global("collections", "OrderedDict"); // no hooks
        code(")RtRs.");
    }

    /** Operation codes and what follows them, one character for each byte. */
    private void code(String bytes) {
        out.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void global(String module, String name) {
        code("c" + module + "\n" + name + "\n");
    }

    private void text(String text) {
        code("X");
        little(text.length(), 4);
        code(text);
    }

    private void tuple(long[] numbers) {
        code("(");
        for (long number : numbers) number(number);
        code("t");
    }

    private void number(long number) {
        if (number < 1 << 8) {
            code("K");
            little(number, 1);
        } else if (number < 1 << 16) {
            code("M");
            little(number, 2);
        } else if (number <= Integer.MAX_VALUE) {
            code("J");
            little(number, 4);
        } else {
            int bytes = BigInteger.valueOf(number).toByteArray().length;
            code("\u008a");
            little(bytes, 1);
            little(number, bytes);
        }
    }

    private void little(long number, int bytes) {
        for (int i = 0; i < bytes; i++) out.write((int) (number >>> 8 * i));
    }
}
