package wanvae.checkpoint;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import wanvae.config.Half;
import wanvae.tensorfile.DType;

/**
 * How {@link WanvaeFile#write} stores a checkpoint. Immutable.
 *
 * @param dtype  the type of all stored values, rounded to nearest even; empty keeps each tensor's own (F64 becomes F32)
 * @param halves what is stored of a checkpoint that has it; the decoder always is
 */
public record ConvertOptions(Optional<DType> dtype, Set<Half> halves) {
    /** Everything that the checkpoint has, in the types it has. */
    public static final ConvertOptions DEFAULT = new ConvertOptions(Optional.empty(), EnumSet.allOf(Half.class));

    /**
     * Copies the set.
     *
     * @throws IllegalArgumentException if the decoder is left out, or values are to be stored as F64
     */
    public ConvertOptions {
        halves = Collections.unmodifiableSet(EnumSet.copyOf(halves));
        if (!halves.contains(Half.DECODER)) throw new IllegalArgumentException("A .wanvae file holds a decoder.");
        if (dtype.isPresent() && dtype.get() == DType.F64)
            throw new IllegalArgumentException("A .wanvae file holds F32, BF16 or F16.");
    }

    /** These options with all values stored in this type. */
    public ConvertOptions withDtype(DType type) {
        return new ConvertOptions(Optional.of(type), halves);
    }

    /** These options without an encoder. */
    public ConvertOptions decoderOnly() {
        return new ConvertOptions(dtype, EnumSet.of(Half.DECODER));
    }
}
