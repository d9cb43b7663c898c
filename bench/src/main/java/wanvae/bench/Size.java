package wanvae.bench;

import wanvae.latent.LatentShape;

/** Size of latents as the command line has it, {@code FRAMESxHEIGHTxWIDTH}. */
record Size(int frames, int height, int width) {
    static Size parse(String text) {
        String[] n = text.split("x");
        return new Size(Integer.parseInt(n[0]), Integer.parseInt(n[1]), Integer.parseInt(n[2]));
    }

    LatentShape latents() {
        return new LatentShape(1, 16, frames, height, width);
    }

    /** Frames of the video. */
    int videoFrames() {
        return 4 * frames - 3;
    }

    @Override
    public String toString() {
        return frames + "x" + height + "x" + width;
    }
}
