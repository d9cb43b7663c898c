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
import wanvae.checkpoint.wan.WanConfigCheck;
import wanvae.checkpoint.wan.WanConfigJson;
import wanvae.checkpoint.wan.WanDerivedConfig;
import wanvae.checkpoint.wan.WanHeader;
import wanvae.checkpoint.wan.WanNames;
import wanvae.checkpoint.wan.WanTensors;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;
import wanvae.model.VaeDecoder;
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;
import wanvae.model.wan.WanDecoder;
import wanvae.model.wan.WanEncoder;
import wanvae.model.wan.WanOperations;
import wanvae.tensorfile.FormatException;

/** {@code AutoencoderKLWan} and {@code AutoencoderKLQwenImage}: Wan 2.1, Wan 2.2, Qwen-Image. */
public final class WanFamily implements VaeFamily<WanConfig> {
    /** The only instance. */
    public static final WanFamily INSTANCE = new WanFamily();

    private WanFamily() {}

    @Override
    public List<String> models() {
        return List.of("Wan 2.1", "Wan 2.2", "Qwen-Image");
    }

    @Override
    public List<String> classNames() {
        return WanConfigCheck.CLASSES;
    }

    @Override
    public List<String> marks() {
        return WanNames.MARKS;
    }

    @Override
    public WanConfig readConfig(ConfigValues json) throws FormatException {
        return WanConfigJson.read(json);
    }

    @Override
    public void writeConfig(ConfigWriter json, WanConfig config) {
        WanConfigJson.write(json, config);
    }

    @Override
    public WanConfig deriveConfig(FoundTensors tensors) throws FormatException {
        return WanDerivedConfig.of(tensors);
    }

    @Override
    public void check(WanConfig config, String where) throws FormatException {
        WanConfigCheck.decoder(config, new ConfigCheck(where));
    }

    @Override
    public void checkEncoder(WanConfig config, String where) throws FormatException {
        WanConfigCheck.encoder(config, new ConfigCheck(where));
    }

    @Override
    public UnaryOperator<String> renaming(Set<String> stored) {
        return WanNames.renaming(stored);
    }

    @Override
    public Map<String, long[]> tensors(WanConfig config, Half half) {
        return half == Half.DECODER ? WanTensors.decoder(config) : WanTensors.encoder(config);
    }

    @Override
    public String describe(WanConfig config, Half half) {
        return WanTensors.describe(config, half);
    }

    @Override
    public int headerField() {
        return WanHeader.FIELD;
    }

    @Override
    public void checkHeader(HeaderTable table) throws FormatException {
        WanHeader.check(table);
    }

    @Override
    public WanConfig readHeader(Header header) {
        return WanHeader.read(header);
    }

    @Override
    public int writeHeader(FlatBufferBuilder builder, WanConfig config) {
        return WanHeader.write(builder, config);
    }

    @Override
    public Operations operations(WanConfig config, LatentShape latents) {
        return WanOperations.of(config, latents);
    }

    @Override
    public VaeDecoder decoder(Weights weights, WanConfig config) {
        return new WanDecoder(weights, config);
    }

    @Override
    public Operations encodeOperations(WanConfig config, LatentShape pictures) {
        return WanOperations.encoder(config, pictures);
    }

    @Override
    public VaeEncoder encoder(Weights weights, WanConfig config) {
        return new WanEncoder(weights, config);
    }
}
