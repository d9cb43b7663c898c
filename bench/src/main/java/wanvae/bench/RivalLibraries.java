package wanvae.bench;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** A process that loads libtorch's native libraries and does nothing with them. */
final class RivalLibraries {
    private RivalLibraries() {}

    public static void main(String[] args) {
        Loader.load(torch.class);
        System.out.println(
                new Flat().with("libraries", Loader.getLoadedLibraries().size()));
    }
}
