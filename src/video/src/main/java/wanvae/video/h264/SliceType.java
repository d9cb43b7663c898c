package wanvae.video.h264;

/** The kinds of slices (7.4.3), each with its {@code slice_type}, which says that the whole picture is of that kind. */
enum SliceType {
    P(5),
    B(6),
    I(7);

    final int code;

    SliceType(int code) {
        this.code = code;
    }
}
