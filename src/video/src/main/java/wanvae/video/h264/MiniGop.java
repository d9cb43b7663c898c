package wanvae.video.h264;

import java.util.List;

/**
 * A P picture with the B pictures shown before it, or an IDR picture by itself.
 *
 * @param before   the P or IDR picture shown before them; null if this is an IDR picture
 * @param pictures in display order, the P or IDR picture last
 */
record MiniGop(SourcePicture before, List<SourcePicture> pictures) {
    /** The P or IDR picture. */
    SourcePicture last() {
        return pictures.getLast();
    }

    /** Index of the B picture that others refer to, or -1 if there is none. */
    int middle() {
        int count = pictures.size() - 1;
        return count < 2 ? -1 : (count - 1) / 2;
    }
}
