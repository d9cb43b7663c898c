package wanvae.latent;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Gathers the latents of an encode into {@link Latents}. Belongs to one encode. */
public final class LatentCollector implements LatentSink {
    private final List<float[]> frames = new ArrayList<>();
    private EncodedShape shape;

    /** Holds nothing yet. */
    public LatentCollector() {}

    @Override
    public void begin(EncodedShape shape) {
        this.shape = shape;
    }

    @Override
    public void frame(int member, int index, float[] values) {
        frames.add(values);
    }

    /**
     * All that came, as normalised latents ({@link Latents#raw} takes them as they are).
     *
     * @throws IllegalStateException if nothing came
     * @throws IOException if memory does not suffice
     */
    public Latents latents() throws IOException {
        if (frames.isEmpty()) throw new IllegalStateException("no latents were encoded");
        int count = frames.size() / shape.members(), plane = shape.height() * shape.width();
        LatentShape all = new LatentShape(shape.members(), shape.channels(), count, shape.height(), shape.width());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4 * all.elements(), 64);
            for (int i = 0; i < frames.size(); i++)
                for (int c = 0; c < shape.channels(); c++) {
                    long plane0 = (i / count * (long) shape.channels() + c) * count + i % count;
                    MemorySegment.copy(
                            frames.get(i), c * plane, values, ValueLayout.JAVA_FLOAT, 4 * plane0 * plane, plane);
                }
            return Latents.of(all, values);
        } catch (OutOfMemoryError e) {
            throw new IOException("Not enough memory for latents of " + all + ".", e);
        }
    }
}
