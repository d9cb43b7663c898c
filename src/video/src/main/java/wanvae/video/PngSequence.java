package wanvae.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.image.NumberedNames;
import wanvae.video.image.PngStream;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/**
 * Writes a PNG for each frame, numbered from 0: a folder of {@code frames-00000.png} …, or files named by a pattern
 * with one {@code %d} or {@code %05d}. PNGs keep alpha and 16-bit samples; floats are rounded as diffusers rounds for
 * PIL. Frames are first written to a hidden folder, and all get their names at {@link #finish}.
 *
 * <p>Several members become folders {@code out-0/}, {@code out-1/} …, or {@code frames-0-%05d.png} … in the same
 * folder.
 */
public final class PngSequence implements PictureSink {
    private static final NumberedNames FOLDER_NAMES = NumberedNames.of("frames-%05d.png");
    private final Path target;
    private final boolean pattern;
    private final IfExists ifExists;
    private final List<Sequence> sequences = new ArrayList<>();
    private final CallOrder order = new CallOrder();
    private VideoShape shape;

    /**
     * One member's files: they are written in {@code part} and get their {@code names} in {@code folder} at the end.
     */
    private static final class Sequence {
        final Path folder;
        final NumberedNames names;
        final Path part;
        int frames;

        Sequence(Path folder, NumberedNames names, Path part) {
            this.folder = folder;
            this.names = names;
            this.part = part;
        }
    }

    private PngSequence(Path target, boolean pattern, IfExists ifExists) {
        this.target = target;
        this.pattern = pattern;
        this.ifExists = ifExists;
    }

    /**
     * A writer of a folder, or of the files of a pattern.
     *
     * @param ifExists what to do if such frames exist already: refuse, or replace them all, even those with higher
     *                 numbers than the new ones
     * @throws IOException in one sentence if that cannot be
     */
    public static PngSequence create(Path target, IfExists ifExists) throws IOException {
        Target.checkParent(target);
        String name = target.getFileName() == null ? "" : target.getFileName().toString();
        boolean pattern = name.contains("%");
        if (pattern) {
            if (!NumberedNames.isOne(name) || !name.toLowerCase(Locale.ROOT).endsWith(".png"))
                throw new IOException("cannot write " + target + ": a pattern has one %d or %05d and ends in .png");
        } else if (Files.exists(target) && !Files.isDirectory(target)) {
            throw new IOException("cannot write frames into " + target + ": it is no folder");
        }
        return new PngSequence(target, pattern, ifExists);
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        order.begin();
        Target.checkShape(target, shape);
        this.shape = shape;
        for (int member = 0; member < shape.members(); member++) {
            Path folder = folder(member);
            NumberedNames names = names(member);
            if (ifExists == IfExists.REFUSE && !names.in(folder, 0).isEmpty())
                throw new IOException(folder + " already holds frames named " + names);
        }
    }

    private Path folder(int member) {
        return pattern ? target.toAbsolutePath().getParent() : Target.member(target, shape, member);
    }

    /** The folder that a symbolic link stands for, which need not exist yet. */
    private static Path throughLinks(Path folder) throws IOException {
        return Files.exists(folder) ? folder : PendingFile.throughLinks(folder);
    }

    private NumberedNames names(int member) {
        if (!pattern) return FOLDER_NAMES;
        String name = target.getFileName().toString();
        if (shape.members() == 1) return NumberedNames.of(name);
        int at = name.indexOf('%');
        return NumberedNames.of(name.substring(0, at) + member + "-" + name.substring(at));
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        order.picture();
        try {
            if (member == sequences.size()) sequences.add(start(member));
            Sequence sequence = sequences.get(member);
            Files.write(sequence.part.resolve(sequence.names.name(index)), PngStream.image(picture));
            sequence.frames = index + 1;
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    private Sequence start(int member) throws IOException {
        Path folder = throughLinks(folder(member));
        Path part = pattern ? PendingFile.beside(target) : PendingFile.beside(folder);
        return new Sequence(folder, names(member), Files.createDirectory(part));
    }

    @Override
    public void finish() throws IOException {
        order.finish();
        try {
            if (sequences.isEmpty()) throw new IOException("there are no frames");
            for (Sequence sequence : sequences) {
                if (!Files.exists(sequence.folder)) {
                    PendingFile.move(sequence.part, sequence.folder);
                    continue;
                }
                place(sequence);
                for (Path stale : sequence.names.in(sequence.folder, sequence.frames)) Files.delete(stale);
                Files.delete(sequence.part);
            }
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    /**
     * Gives all frames of a member their names. If one of them fails, those that already have new names lose them
     * again.
     */
    private void place(Sequence sequence) throws IOException {
        int done = 0;
        try {
            for (; done < sequence.frames; done++) {
                String name = sequence.names.name(done);
                PendingFile.place(
                        sequence.part.resolve(name), sequence.folder.resolve(name), Target.existing(ifExists));
            }
        } catch (IOException e) {
            if (ifExists == IfExists.REFUSE)
                for (int i = 0; i < done; i++) Files.deleteIfExists(sequence.folder.resolve(sequence.names.name(i)));
            throw e;
        }
    }

    /** Removes everything that has not got its final name. */
    @Override
    public void close() throws IOException {
        order.close();
        for (Sequence sequence : sequences) {
            if (!Files.isDirectory(sequence.part)) continue;
            for (int i = 0; i <= sequence.frames; i++)
                Files.deleteIfExists(sequence.part.resolve(sequence.names.name(i)));
            Files.deleteIfExists(sequence.part);
        }
    }
}
