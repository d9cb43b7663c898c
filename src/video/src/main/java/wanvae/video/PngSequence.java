package wanvae.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import wanvae.frame.VideoShape;

/**
 * A PNG for each frame, numbered from 0, rounded as diffusers rounds for PIL: a folder of {@code frames-00000.png} …,
 * or files named by a pattern with one {@code %d} or {@code %05d}. Frames are written to a hidden folder first and take
 * their names together at {@link #finish}.
 *
 * <p>Several members become folders {@code out-0/}, {@code out-1/} …, or {@code frames-0-%05d.png} … in the same
 * folder.
 */
public final class PngSequence implements PictureSink {
    private static final Pattern NUMBER = Pattern.compile("%(?:0(\\d))?d");
    private static final String FOLDER_PATTERN = "frames-%05d.png";
    private final Path target;
    private final boolean pattern;
    private final IfExists ifExists;
    private final List<Sequence> sequences = new ArrayList<>();
    private VideoShape shape;

    /** One member's files: named {@code pattern} in {@code folder}, until the end in {@code part}. */
    private static final class Sequence {
        final Path folder;
        final String pattern;
        final Path part;
        int frames;

        Sequence(Path folder, String pattern, Path part) {
            this.folder = folder;
            this.pattern = pattern;
            this.part = part;
        }

        String name(int index) {
            return pattern.formatted(index);
        }
    }

    private PngSequence(Path target, boolean pattern, IfExists ifExists) {
        this.target = target;
        this.pattern = pattern;
        this.ifExists = ifExists;
    }

    /** Whether a name is one for numbered files: {@code frames-%05d.png}. */
    public static boolean isPattern(String name) {
        return NUMBER.matcher(name).find();
    }

    /**
     * A writer of a folder, or of the files of a pattern.
     *
     * @param ifExists what to do where such frames exist already: refuse, or replace them all, those with higher
     *                 numbers than the new ones included
     * @throws IOException in one sentence if that cannot be
     */
    public static PngSequence create(Path target, IfExists ifExists) throws IOException {
        Target.checkParent(target);
        String name = target.getFileName() == null ? "" : target.getFileName().toString();
        boolean pattern = name.contains("%");
        if (pattern) {
            Matcher number = NUMBER.matcher(name);
            if (!number.find()
                    || number.replaceFirst("").contains("%")
                    || !name.toLowerCase(java.util.Locale.ROOT).endsWith(".png"))
                throw new IOException("cannot write " + target + ": a pattern has one %d or %05d and ends in .png");
        } else if (Files.exists(target) && !Files.isDirectory(target)) {
            throw new IOException("cannot write frames into " + target + ": it is no folder");
        }
        return new PngSequence(target, pattern, ifExists);
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        Target.checkShape(target, shape);
        this.shape = shape;
        for (int member = 0; member < shape.members(); member++) {
            Path folder = folder(member);
            String names = names(member);
            if (ifExists == IfExists.REFUSE && !existing(folder, names, 0).isEmpty())
                throw new IOException(folder + " already holds frames named " + names);
        }
    }

    private Path folder(int member) {
        return pattern ? target.toAbsolutePath().getParent() : Target.member(target, shape, member);
    }

    private String names(int member) {
        if (!pattern) return FOLDER_PATTERN;
        String name = target.getFileName().toString();
        if (shape.members() == 1) return name;
        int at = name.indexOf('%');
        return name.substring(0, at) + member + "-" + name.substring(at);
    }

    /** Files in {@code folder} that {@code names} could have made, numbered {@code from} or higher. */
    static List<Path> existing(Path folder, String names, int from) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        Matcher number = NUMBER.matcher(names);
        number.find();
        Pattern name = Pattern.compile(Pattern.quote(names.substring(0, number.start())) + "(\\d{1,9})"
                + Pattern.quote(names.substring(number.end())));
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> {
                        Matcher match = name.matcher(file.getFileName().toString());
                        if (!match.matches()) return false;
                        int index = Integer.parseInt(match.group(1));
                        return index >= from
                                && names.formatted(index)
                                        .equals(file.getFileName().toString());
                    })
                    .toList();
        }
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        try {
            if (member == sequences.size()) sequences.add(start(member));
            Sequence sequence = sequences.get(member);
            Files.write(
                    sequence.part.resolve(sequence.name(index)), PngStream.image(picture.toRgb(Quantization.ROUND)));
            sequence.frames = index + 1;
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    private Sequence start(int member) throws IOException {
        Path folder = folder(member);
        Path part =
                pattern ? PendingFile.beside(target, System.nanoTime()) : PendingFile.beside(folder, System.nanoTime());
        return new Sequence(folder, names(member), Files.createDirectory(part));
    }

    @Override
    public void finish() throws IOException {
        try {
            if (sequences.isEmpty()) throw new IOException("there are no frames");
            for (Sequence sequence : sequences) {
                if (!Files.exists(sequence.folder)) {
                    PendingFile.move(sequence.part, sequence.folder);
                    continue;
                }
                for (int i = 0; i < sequence.frames; i++)
                    PendingFile.move(
                            sequence.part.resolve(sequence.name(i)), sequence.folder.resolve(sequence.name(i)));
                for (Path stale : existing(sequence.folder, sequence.pattern, sequence.frames)) Files.delete(stale);
                Files.delete(sequence.part);
            }
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    /** Removes what has not got its final name. */
    @Override
    public void close() throws IOException {
        for (Sequence sequence : sequences) {
            if (!Files.isDirectory(sequence.part)) continue;
            for (int i = 0; i <= sequence.frames; i++) Files.deleteIfExists(sequence.part.resolve(sequence.name(i)));
            Files.deleteIfExists(sequence.part);
        }
    }
}
