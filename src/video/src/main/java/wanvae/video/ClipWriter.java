package wanvae.video;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/**
 * Writes each member of a batch as a video file of its own: {@code out.mp4}, or {@code out-0.mp4}, {@code out-1.mp4} …
 * where there are several. Files are written beside their final names. {@link #finish} moves all of them there or,
 * after a failure, none.
 */
public abstract sealed class ClipWriter implements PictureSink
        permits Mp4Writer, Y4mWriter, PngWriter, GifWriter, ProResWriter {
    private final Path target;
    private final IfExists ifExists;
    private final List<PendingFile> files = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private VideoShape shape;
    private final CallOrder order = new CallOrder();
    private CheckedClip clip;

    /** @throws IOException in one sentence if {@code target} cannot be written */
    ClipWriter(Path target, IfExists ifExists) throws IOException {
        this.target = target;
        this.ifExists = ifExists;
        Target.checkParent(target);
    }

    /**
     * Starts a video in {@code file} and adds to {@code warnings} what the user should know.
     *
     * @throws IOException with the reason alone
     */
    abstract Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException;

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        order.begin();
        Target.checkShape(target, shape);
        for (int member = 0; member < shape.members(); member++)
            Target.checkFile(Target.member(target, shape, member), ifExists);
        this.shape = shape;
        try {
            openMember(0);
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    private void openMember(int member) throws IOException {
        PendingFile file = PendingFile.create(Target.member(target, shape, member), Target.existing(ifExists));
        files.add(file);
        // All members are the same kind of video, so the warnings of the first one suffice.
        clip = new CheckedClip(open(file, shape, member == 0 ? warnings : new ArrayList<>()), shape, member);
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        order.picture();
        try {
            if (member == files.size() && member < shape.members()) {
                endMember();
                openMember(member);
            }
            clip.picture(member, index, picture);
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    private void endMember() throws IOException {
        clip.finish();
        clip.close();
        clip = null;
    }

    @Override
    public void finish() throws IOException {
        order.finish();
        try {
            endMember();
            if (files.size() < shape.members())
                throw new IOException("there are " + files.size() + " of " + shape.members() + " members");
            PendingFile.commit(files);
        } catch (IOException e) {
            throw Target.failed(target, e);
        }
    }

    @Override
    public void close() throws IOException {
        order.close();
        try (Closing all = new Closing()) {
            if (clip != null) all.add(clip);
            files.forEach(all::add);
        }
    }
}
