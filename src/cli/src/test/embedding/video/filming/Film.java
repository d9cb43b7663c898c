package filming;

import java.nio.file.Path;
import wanvae.WanVae;
import wanvae.latent.Latents;
import wanvae.video.Mp4Options;
import wanvae.video.Mp4Writer;

/** A program that has wanvae-video: WEIGHTS LATENTS OUT.mp4. */
public final class Film {
    public static void main(String[] args) throws Exception {
        try (WanVae vae = WanVae.open(Path.of(args[0]));
                Mp4Writer mp4 = Mp4Writer.create(Path.of(args[2]), Mp4Options.DEFAULT)) {
            vae.decode(Latents.read(Path.of(args[1])), mp4);
        }
        System.out.println("written");
    }
}
