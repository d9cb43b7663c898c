package wanvae.strategy;

import wanvae.config.VaeConfig;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.model.VaeEncoder;

/**
 * The part of a video that is encoded.
 *
 * @param members videos
 * @param frames  frames of each that are encoded, {@link VideoShape#UNKNOWN} where their number is not known
 * @param height  pixels that are encoded
 * @param width   pixels that are encoded
 * @param patch   patch size of the model
 * @param colours channels of a picture
 */
record EncodedVideo(int members, int frames, int height, int width, int patch, int colours) {
    /** Frames that are planned for where the number is not known. */
    private static final int PLANNED = 17;

    /** @param crops whether pixels that make no whole latent pixel are left out before the encoder sees them */
    static EncodedVideo of(VaeEncoder encoder, VideoShape video, boolean crops) {
        VaeConfig config = encoder.config();
        int unit = crops ? config.spatialScale() : config.patchSize();
        return new EncodedVideo(
                video.members(),
                video.frames() == VideoShape.UNKNOWN ? VideoShape.UNKNOWN : encoder.encodedFrames(video.frames()),
                video.height() / unit * unit,
                video.width() / unit * unit,
                config.patchSize(),
                config.imageChannels());
    }

    boolean isOpenEnded() {
        return frames == VideoShape.UNKNOWN;
    }

    /** The same with this number of frames. */
    EncodedVideo withFrames(int frames) {
        return new EncodedVideo(members, frames, height, width, patch, colours);
    }

    /**
     * One member, height and width in patches, for planning: with an assumed number of frames if theirs is not known.
     */
    LatentShape planned() {
        return clip(isOpenEnded() ? PLANNED : frames);
    }

    /**
     * One member as it goes through the network: with {@link MemoryNeeds#ENDLESS} frames if their number is not known.
     */
    LatentShape clip() {
        return clip(isOpenEnded() ? MemoryNeeds.ENDLESS : frames);
    }

    private LatentShape clip(int frames) {
        return new LatentShape(1, colours * patch * patch, frames, height / patch, width / patch);
    }

    /** Bytes of a picture, {@code [H][W][colours]}. */
    long pictureBytes() {
        return 4L * colours * height * width;
    }

    /** The whole picture, in pixels. */
    Tile whole() {
        return new Tile(0, 0, height, width);
    }
}
