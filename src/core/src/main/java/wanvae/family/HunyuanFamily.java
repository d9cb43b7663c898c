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
import wanvae.checkpoint.hunyuan.HunyuanConfigCheck;
import wanvae.checkpoint.hunyuan.HunyuanConfigJson;
import wanvae.checkpoint.hunyuan.HunyuanDerivedConfig;
import wanvae.checkpoint.hunyuan.HunyuanHeader;
import wanvae.checkpoint.hunyuan.HunyuanNames;
import wanvae.checkpoint.hunyuan.HunyuanTensors;
import wanvae.config.Half;
import wanvae.config.HunyuanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;
import wanvae.model.VaeDecoder;
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;
import wanvae.model.hunyuan.HunyuanDecoder;
import wanvae.model.hunyuan.HunyuanOperations;
import wanvae.tensorfile.FormatException;

/** {@code AutoencoderKLHunyuanVideo}. Only its decoder is known: its encoder is not read from checkpoints. */
public final class HunyuanFamily implements VaeFamily<HunyuanConfig> {
    /** The only instance. */
    public static final HunyuanFamily INSTANCE = new HunyuanFamily();

    private HunyuanFamily() {}

    @Override
    public List<String> models() {
        return List.of("HunyuanVideo");
    }

    @Override
    public List<String> classNames() {
        return HunyuanConfigJson.CLASSES;
    }

    @Override
    public List<String> marks() {
        return HunyuanNames.MARKS;
    }

    @Override
    public HunyuanConfig readConfig(ConfigValues json) throws FormatException {
        return HunyuanConfigJson.read(json);
    }

    @Override
    public void writeConfig(ConfigWriter json, HunyuanConfig config) {
        HunyuanConfigJson.write(json, config);
    }

    @Override
    public HunyuanConfig deriveConfig(FoundTensors tensors) throws FormatException {
        return HunyuanDerivedConfig.of(tensors);
    }

    @Override
    public void check(HunyuanConfig config, String where) throws FormatException {
        HunyuanConfigCheck.check(config, new ConfigCheck(where));
    }

    @Override
    public void checkEncoder(HunyuanConfig config, String where) {}

    @Override
    public UnaryOperator<String> renaming(Set<String> stored) {
        return HunyuanNames.renaming(stored);
    }

    @Override
    public Map<String, long[]> tensors(HunyuanConfig config, Half half) {
        return half == Half.DECODER ? HunyuanTensors.decoder(config) : Map.of();
    }

    @Override
    public String describe(HunyuanConfig config, Half half) {
        return HunyuanTensors.describe(config);
    }

    @Override
    public int headerField() {
        return HunyuanHeader.FIELD;
    }

    @Override
    public void checkHeader(HeaderTable table) throws FormatException {
        HunyuanHeader.check(table);
    }

    @Override
    public HunyuanConfig readHeader(Header header) {
        return HunyuanHeader.read(header);
    }

    @Override
    public int writeHeader(FlatBufferBuilder builder, HunyuanConfig config) {
        return HunyuanHeader.write(builder, config);
    }

    @Override
    public Operations operations(HunyuanConfig config, LatentShape latents) {
        return HunyuanOperations.of(config, latents);
    }

    @Override
    public VaeDecoder decoder(Weights weights, HunyuanConfig config) {
        return new HunyuanDecoder(weights, config);
    }

    @Override
    public Operations encodeOperations(HunyuanConfig config, LatentShape pictures) {
        throw new UnsupportedOperationException("HunyuanVideo's encoder is not known");
    }

    @Override
    public VaeEncoder encoder(Weights weights, HunyuanConfig config) {
        throw new UnsupportedOperationException("HunyuanVideo's encoder is not known");
    }
}
