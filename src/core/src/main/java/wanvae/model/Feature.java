package wanvae.model;

import wanvae.kernel.Frames;

/**
 * An activation on its way between blocks: as it is and as its consumer wants it normalised; either may be null. Its
 * frames are the pass's.
 */
public record Feature(Frames raw, Frames activated) {}
