/** Frames to files that people keep, and back: 8-bit pictures, colour, H.264, containers and frame sources. */
module wanvae.video {
    requires transitive wanvae.core;
    requires transitive java.desktop; // BufferedImage and ImageIO
    requires jdk.incubator.vector;
    requires jcodec;

    exports wanvae.video;
    exports wanvae.video.picture;
    exports wanvae.video.source;
}
