/** Turns Wan video latents into video on a CPU, in pure Java. */
module wanvae {
    requires jdk.incubator.vector;
    requires flatbuffers.java;
    requires com.fasterxml.jackson.core;
    requires jcodec;
    requires info.picocli;
    requires java.management;
    requires jdk.management; // the machine's or container's memory
    requires transitive java.desktop; // BufferedImage and ImageIO

    exports wanvae;
    exports wanvae.checkpoint;
    exports wanvae.latent;
    exports wanvae.tensorfile;
    exports wanvae.video;

    opens wanvae.cli to info.picocli;
}
