package wanvae.tensorfile;

/** Element types of the floating-point tensors we read. */
public enum DType {
    F64(8), F32(4), F16(2), BF16(2);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
