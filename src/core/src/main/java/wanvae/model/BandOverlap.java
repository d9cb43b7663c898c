package wanvae.model;

import java.util.IdentityHashMap;
import java.util.Map;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/** Rows that one band of a convolution's output has computed and the band below needs too. */
final class BandOverlap {
    private final ForwardContext forward;
    private final Map<Convolution, Activation> rows = new IdentityHashMap<>();

    BandOverlap(ForwardContext forward) {
        this.forward = forward;
    }

    /** Copies the rows that the band above has left into the epilogue's outputs. */
    void restore(Convolution convolution, Epilogue epilogue) {
        Activation known = rows.remove(convolution);
        if (known == null) return;
        copy(epilogue.raw(), known.raw());
        copy(epilogue.activated(), known.normalised());
        forward.release(known.raw());
        forward.release(known.normalised());
    }

    private void copy(Frames target, Frames source) {
        if (target != null) forward.copy(target, source, source.window());
    }

    /**
     * Keeps rows of the epilogue's outputs for the band below.
     *
     * @param shared the rows, or null
     */
    void save(Convolution convolution, Epilogue epilogue, Window shared) {
        if (shared != null)
            rows.put(convolution, new Activation(cut(epilogue.raw(), shared), cut(epilogue.activated(), shared)));
    }

    private Frames cut(Frames source, Window pixels) {
        if (source == null) return null;
        Frames cut = forward.frames(source.count(), pixels, source.channels());
        forward.copy(cut, source, pixels);
        return cut;
    }
}
