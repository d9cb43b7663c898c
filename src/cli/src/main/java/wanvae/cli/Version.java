package wanvae.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints: wanvae's version, the version of Java, and a warning if that Java has a grave defect.
 */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return lines(Runtime.version()).toArray(String[]::new);
    }

    static List<String> lines(Runtime.Version java) {
        String version = Main.class.getPackage().getImplementationVersion(); // from the jar's manifest
        List<String> lines = new ArrayList<>();
        lines.add("wanvae" + (version == null ? "" : " " + version) + " (Java " + java + ", "
                + System.getProperty("os.arch") + ")");
        if (java.feature() == 25 && java.interim() == 0 && java.update() < 3)
            lines.add(
                    "This Java can corrupt memory under the G1 collector (JDK-8377811). Update it to 25.0.3 or newer.");
        return lines;
    }
}
