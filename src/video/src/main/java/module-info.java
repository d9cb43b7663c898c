/** Writes frames to media files and reads them back: pictures, colour, H.264, containers and frame sources. */
module wanvae.video {
    requires transitive wanvae.core;
    requires transitive java.desktop; // BufferedImage and ImageIO
    requires jdk.incubator.vector;
    requires jcodec;

    exports wanvae.video;
    exports wanvae.video.picture;
    exports wanvae.video.source;
}
