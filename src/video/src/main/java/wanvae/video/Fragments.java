package wanvae.video;

/** When {@link FragmentedMp4Writer} ends a fragment: players decode nothing of one that has not arrived whole. */
public enum Fragments {
    /** After every frame: it is on its way as soon as it is coded, and takes about 100 bytes more. */
    FRAME,
    /** Before every key frame: fewer bytes, and each fragment can be decoded by itself. Memory holds one group. */
    GROUP
}
