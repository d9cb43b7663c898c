package wanvae.family;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.checkpoint.tae.TaeConfigCheck;
import wanvae.checkpoint.tae.TaeConfigJson;
import wanvae.checkpoint.tae.TaeDerivedConfig;
import wanvae.checkpoint.tae.TaeHeader;
import wanvae.checkpoint.tae.TaeTensors;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;
import wanvae.model.VaeDecoder;
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;
import wanvae.model.tae.TaeDecoder;
import wanvae.model.tae.TaeEncoder;
import wanvae.model.tae.TaeOperations;
import wanvae.tensorfile.FormatException;

/** {@code TAEHV}: the tiny autoencoders of Wan 2.1, Wan 2.2 and HunyuanVideo. */
public final class TaeFamily implements VaeFamily<TaeConfig> {
    /** The only instance. */
    public static final TaeFamily INSTANCE = new TaeFamily();

    private TaeFamily() {}

    @Override
    public List<String> models() {
        return List.of("their tiny autoencoders");
    }

    @Override
    public List<String> classNames() {
        return TaeConfigJson.CLASSES;
    }

    @Override
    public List<String> marks() {
        return TaeTensors.MARKS;
    }

    @Override
    public TaeConfig readConfig(ConfigValues json) throws FormatException {
        return TaeConfigJson.read(json);
    }

    @Override
    public void writeConfig(ConfigWriter json, TaeConfig config) {
        TaeConfigJson.write(json, config);
    }

    @Override
    public TaeConfig deriveConfig(FoundTensors tensors) throws FormatException {
        return TaeDerivedConfig.of(tensors);
    }

    @Override
    public List<PublishedVae> lookalikes(TaeConfig derived) {
        return TaeModel.withChannels(derived.latentChannels()).stream()
                .map(model -> PublishedVae.of(model.id()).orElseThrow())
                .toList();
    }

    @Override
    public TaeConfig taken(TaeConfig derived, PublishedVae as) {
        return derived.withModel(TaeModel.of(as.id()).orElseThrow());
    }

    @Override
    public void check(TaeConfig config, String where) throws FormatException {
        TaeConfigCheck.decoder(config, new ConfigCheck(where));
    }

    @Override
    public void checkEncoder(TaeConfig config, String where) throws FormatException {
        TaeConfigCheck.encoder(config, new ConfigCheck(where));
    }

    @Override
    public UnaryOperator<String> renaming(Set<String> stored) {
        return UnaryOperator.identity();
    }

    @Override
    public Map<String, long[]> tensors(TaeConfig config, Half half) {
        return half == Half.DECODER ? TaeTensors.decoder(config) : TaeTensors.encoder(config);
    }

    @Override
    public String describe(TaeConfig config, Half half) {
        return TaeTensors.describe(config, half);
    }

    @Override
    public int headerField() {
        return TaeHeader.FIELD;
    }

    @Override
    public void checkHeader(HeaderTable table) throws FormatException {
        TaeHeader.check(table);
    }

    @Override
    public TaeConfig readHeader(Header header) {
        return TaeHeader.read(header);
    }

    @Override
    public int writeHeader(FlatBufferBuilder builder, TaeConfig config) {
        return TaeHeader.write(builder, config);
    }

    @Override
    public boolean usesTinyKernels() {
        return true;
    }

    @Override
    public Operations operations(TaeConfig config, LatentShape latents) {
        return TaeOperations.of(config, latents);
    }

    @Override
    public VaeDecoder decoder(Weights weights, TaeConfig config) {
        return new TaeDecoder(weights, config);
    }

    @Override
    public Operations encodeOperations(TaeConfig config, LatentShape pictures) {
        return TaeOperations.encode(config, pictures);
    }

    @Override
    public VaeEncoder encoder(Weights weights, TaeConfig config) {
        return new TaeEncoder(weights, config);
    }
}
