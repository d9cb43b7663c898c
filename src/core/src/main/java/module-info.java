/**
 * Decodes Wan video latents to frames and encodes frames to latents on a CPU: checkpoints, tensor files, the model and
 * its kernels.
 */
@SuppressWarnings("module") // the module that runtime is exported to is compiled after this one
module wanvae.core {
    requires jdk.incubator.vector;
    requires flatbuffers.java;
    requires com.fasterxml.jackson.core;
    requires jdk.management; // the machine's or container's memory

    exports wanvae;
    exports wanvae.checkpoint;
    exports wanvae.config;
    exports wanvae.decode;
    exports wanvae.encode;
    exports wanvae.frame;
    exports wanvae.generated;
    exports wanvae.latent;
    exports wanvae.preview;
    exports wanvae.runtime to
            wanvae.video;
    exports wanvae.tensorfile;
    exports wanvae.workers;
}
