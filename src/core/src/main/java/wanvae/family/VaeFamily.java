package wanvae.family;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.config.PublishedVae;
import wanvae.config.TaeConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;
import wanvae.model.VaeDecoder;
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;
import wanvae.tensorfile.FormatException;

/**
 * A family of VAEs: everything that differs from one family to another, except for the properties of {@link VaeConfig}.
 * The list of all families is here and nowhere else; code elsewhere asks a family and does not tell families apart.
 * Immutable and stateless.
 *
 * @param <C> the configuration of this family's VAEs
 */
public sealed interface VaeFamily<C extends VaeConfig> permits WanFamily, HunyuanFamily, TaeFamily {
    /** The class that a {@code config.json} without a {@code _class_name} configures. */
    String ASSUMED_CLASS = WanConfig.WAN;

    /** All families, in the order in which their names are looked for. */
    static List<VaeFamily<?>> all() {
        return List.of(WanFamily.INSTANCE, HunyuanFamily.INSTANCE, TaeFamily.INSTANCE);
    }

    /** The family of a configuration. */
    @SuppressWarnings("unchecked") // the switch pairs each configuration with its own family
    static <C extends VaeConfig> VaeFamily<C> of(C config) {
        return (VaeFamily<C>)
                switch ((VaeConfig) config) {
                    case WanConfig wan -> WanFamily.INSTANCE;
                    case HunyuanConfig hunyuan -> HunyuanFamily.INSTANCE;
                    case TaeConfig tae -> TaeFamily.INSTANCE;
                };
    }

    /** The family whose {@link #classNames} contain this one. */
    static Optional<VaeFamily<?>> ofClass(String className) {
        return all().stream()
                .filter(family -> family.classNames().contains(className))
                .findFirst();
    }

    /** The models of this family as users call them, for messages: "Wan 2.1", … */
    List<String> models();

    // Recognising and configuring.

    /** The values of {@code _class_name} in the configurations of this family. */
    List<String> classNames();

    /**
     * Stored names, without a prefix. Every checkpoint of this family has one of them, and no other family's has any.
     */
    List<String> marks();

    /** Reads a {@code config.json} of one of {@link #classNames}. */
    C readConfig(ConfigValues json) throws FormatException;

    /** Writes what {@link #readConfig} reads. */
    void writeConfig(ConfigWriter json, C config);

    /**
     * Derives a configuration from tensors under diffusers' names. The encoder's may be missing or of any shape.
     *
     * @throws FormatException if they are not a decoder's of this family
     */
    C deriveConfig(FoundTensors tensors) throws FormatException;

    /**
     * The published VAEs whose tensors have the names and shapes that this configuration was derived from, the
     * likeliest first; empty where names and shapes leave no choice.
     */
    default List<PublishedVae> lookalikes(C derived) {
        return List.of();
    }

    /** A derived configuration, taken to be that of one of its {@link #lookalikes}. */
    default C taken(C derived, PublishedVae as) {
        return derived;
    }

    /**
     * Checks all that this family's decoder relies on.
     *
     * @param where what messages say that the configuration comes from
     * @throws FormatException if the configuration does not describe a decoder, in one sentence
     */
    void check(C config, String where) throws FormatException;

    /**
     * Checks what this family's encoder relies on besides, in a configuration that {@link #check} has passed and that
     * {@link VaeConfig#encodes}.
     *
     * @throws FormatException as {@link #check}
     */
    void checkEncoder(C config, String where) throws FormatException;

    // Tensors.

    /**
     * How a checkpoint's names become the names of {@link #tensors}.
     *
     * @param stored all its names, without their common prefix
     */
    UnaryOperator<String> renaming(Set<String> stored);

    /**
     * Name and shape of every tensor of a half, in the order of the computation; empty for an encoder that is not
     * supported.
     */
    Map<String, long[]> tensors(C config, Half half);

    /** The values that the shapes of a half follow from, under their names in {@code config.json}. */
    String describe(C config, Half half);

    // The header of a .wanvae file.

    /** Number of this family's field in the table {@code Header} of {@code wanvae.fbs}. */
    int headerField();

    /** Walks this family's table, so that {@link #readHeader} may read it. */
    void checkHeader(HeaderTable table) throws FormatException;

    /** The configuration in a header that has been walked. */
    C readHeader(Header header);

    /** Writes this family's table and returns its offset. */
    int writeHeader(FlatBufferBuilder builder, C config);

    // The network.

    /** Whether this family uses the kernels that {@link wanvae.kernel.KernelWarmUp#compileTiny} compiles. */
    default boolean usesTinyKernels() {
        return false;
    }

    /** Counts the operations of a whole, untiled decode. */
    Operations operations(C config, LatentShape latents);

    /** Builds the decoder from the weights of {@link Half#DECODER}. */
    VaeDecoder decoder(Weights weights, C config);

    /**
     * Counts the operations of a whole, untiled encode, of a configuration that {@link VaeConfig#encodes}.
     *
     * @param pictures the video, height and width in patches
     */
    Operations encodeOperations(C config, LatentShape pictures);

    /**
     * Builds the encoder of a configuration that {@link VaeConfig#encodes}.
     *
     * @param weights weights of {@link Half#ENCODER}
     */
    VaeEncoder encoder(Weights weights, C config);
}
