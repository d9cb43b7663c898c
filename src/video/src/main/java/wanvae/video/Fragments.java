package wanvae.video;

/** When {@link FragmentedMp4Writer} ends a fragment. Players decode a fragment only when all of it has arrived. */
public enum Fragments {
    /** After every frame. A frame is sent as soon as it is coded, and takes about 100 bytes more. */
    FRAME,
    /**
     * Before every key frame. This takes fewer bytes, and each fragment can be decoded by itself, but memory holds one
     * group of frames.
     */
    GROUP
}
