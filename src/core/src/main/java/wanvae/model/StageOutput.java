package wanvae.model;

import wanvae.kernel.Frames;

/**
 * What flows from one stage of a {@link StreamingNetwork} to the next, or into its first and out of its last stage.
 *
 * @param frames   the frames
 * @param shortcut what the next stage's shortcut reads instead (Wan 2.2), or null
 */
public record StageOutput(Frames frames, Frames shortcut) {}
