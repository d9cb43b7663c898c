package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.encode.EncodeOptions;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentWriting;
import wanvae.tensorfile.DType;
import wanvae.video.source.PictureSource;

/** {@code wanvae encode}: makes latents from a video or pictures. */
@Command(
        name = "encode",
        sortOptions = false,
        customSynopsis = "wanvae encode VIDEO -w WEIGHTS -o OUT [OPTIONS]",
        description = "Encode a video, pictures or raw samples into latents.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae encode in.mp4 -w vae/ -o latents.safetensors --size 832x480 --frames 81",
            "  wanvae encode picture.png -w vae.wanvae -o latents.pt --dtype bf16",
            "  wanvae encode sample.npy -w vae/ -o moments.safetensors --posterior moments",
            "  ffmpeg -i in.mkv -pix_fmt yuv420p -f yuv4mpegpipe - | wanvae encode - -w vae/ -o latents.npy"
        })
final class EncodeCommand implements Callable<Integer> {
    private final Console console;
    private final Interruption interruption;

    @Parameters(
            index = "0",
            paramLabel = "VIDEO",
            description =
                    "A .mp4 or .mov with H.264, a .gif, a .y4m, or - for Y4M on standard input; a folder of PNGs or "
                            + "JPEGs, a pattern like frames-%%05d.png, a .png or .jpg; a .npy or .safetensors with [F][H][W][3] "
                            + "(floats in [0, 1] or bytes), or a raw sample [B][3][F][H][W] in [-1, 1], which is encoded unchanged.")
    private String video;

    @Option(
            names = {"-w", "--weights"},
            required = true,
            paramLabel = "WEIGHTS",
            description =
                    "The VAE: a diffusers vae/ folder, a pipeline folder that contains one, a .safetensors, .pth or .wanvae file.")
    private Path weights;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "By its ending: .safetensors (tensor 'latents'), .npy, or .pt as torch.save writes it.")
    private Path out;

    @Option(names = "--no-clobber", description = "Refuse to replace an existing file.")
    private boolean noClobber;

    @Mixin
    private EncodeFlags flags;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private CommonFlags common;

    EncodeCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        DType numbers = flags.numbers(out);
        LatentWriting.requirePlace(out, !noClobber);
        OutputFlags.requireOther(out.toString(), video, weights.toString());
        EncodeOptions options = flags.options(threads.encodeOptions());
        String name = video.equals("-") ? "standard input" : video;
        try (Checkpoint checkpoint = flags.open(weights); // its description only: weights may be gigabytes
                PictureSource pictures = flags.read(video, console.in())) {
            pictures.notes().forEach(this::note);
            if (!pictures.pixelAspect().isSquare())
                note("pixels of " + name + " are " + pictures.pixelAspect() + ", and are taken as square");
            if (pictures.shape().channels() == 4 && checkpoint.config().imageChannels() == 3)
                note("what is transparent in " + name + " is shown on black, since this VAE knows no alpha");
            try (FrameSource frames = flags.frames(pictures, name, checkpoint.config());
                    WanVae vae = WanVae.open(checkpoint, flags.opening().withThreads(options.threads()))) {
                new Encoding(console, interruption, common.quiet).run(vae, frames, options, out, numbers, !noClobber);
            }
        }
        return 0;
    }

    private void note(String text) {
        if (!common.quiet) console.err().println("Note: " + text + ".");
    }
}
