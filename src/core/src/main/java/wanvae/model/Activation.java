package wanvae.model;

import wanvae.kernel.Frames;

/**
 * An activation between two blocks.
 *
 * @param raw        the values themselves, which residual sums and shortcuts read, or null
 * @param normalised the values after the next block's {@link FusedNorm}, or null
 */
public record Activation(Frames raw, Frames normalised) {}
