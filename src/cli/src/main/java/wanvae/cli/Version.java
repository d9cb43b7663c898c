package wanvae.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: ours and the Java it runs on. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        ModuleDescriptor descriptor = Main.class.getModule().getDescriptor();
        String version = descriptor == null
                ? ""
                : descriptor.rawVersion().map(v -> " " + v).orElse("");
        return new String[] {
            "wanvae" + version + " (Java " + Runtime.version() + ", " + System.getProperty("os.arch") + ")"
        };
    }
}
