package counting;

import java.nio.file.Path;
import wanvae.WanVae;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.latent.Latents;

/** A program that has wanvae-core only: WEIGHTS LATENTS, prints how many frames there are and of what size. */
public final class Count {
    public static void main(String[] args) throws Exception {
        int[] frames = new int[1];
        String[] size = new String[1];
        try (WanVae vae = WanVae.open(Path.of(args[0]))) {
            vae.decode(Latents.read(Path.of(args[1])), new FrameSink() {
                @Override
                public void frame(int member, int index, Frame frame) {
                    frames[0]++;
                    size[0] = frame.width() + "x" + frame.height();
                }
            });
        }
        System.out.println(frames[0] + " frames of " + size[0]);
    }
}
