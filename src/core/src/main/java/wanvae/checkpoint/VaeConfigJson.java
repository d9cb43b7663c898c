package wanvae.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.config.WanDefaults;
import wanvae.tensorfile.FormatException;

/**
 * A diffusers {@code config.json}: read into a {@link VaeConfig}, defaults where keys are missing, and written from
 * one.
 */
public final class VaeConfigJson {
    private static final int LONGEST_FILE = 1 << 20;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(32).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final List<String> CLASSES =
            List.of("AutoencoderKLWan", "AutoencoderKLQwenImage", "AutoencoderKLHunyuanVideo");

    private final Path file;
    private final Map<String, Object> values = new HashMap<>();

    private VaeConfigJson(Path file) {
        this.file = file;
    }

    /**
     * Reads a configuration.
     *
     * @throws FormatException if it is no JSON object, of a class we do not decode, or a value is not what it must be
     */
    public static VaeConfig read(Path file) throws IOException {
        var json = new VaeConfigJson(file);
        json.parse();
        String className =
                json.get("_class_name", "AutoencoderKLWan", value -> value instanceof String s ? s : null, "a name");
        VaeConfig config = switch (className) {
            case "AutoencoderKLWan", "AutoencoderKLQwenImage" -> json.wan(className);
            case "AutoencoderKLHunyuanVideo" -> json.hunyuan();
            default ->
                throw new FormatException(file + ": a configuration of " + FormatException.quote(className)
                        + ", expected one of " + FormatException.quote(CLASSES));
        };
        ConfigCheck.check(config, file.toString());
        return config;
    }

    /** Whether this is the configuration of a VAE we know, and not another model's that happens to lie there. */
    static boolean describesVae(Path file) {
        var json = new VaeConfigJson(file);
        try {
            json.parse();
        } catch (IOException e) {
            return false;
        }
        return json.values.get("_class_name") instanceof String name && CLASSES.contains(name);
    }

    private void parse() throws IOException {
        try (JsonParser json = JSON.createParser(JsonText.read(file, LONGEST_FILE))) {
            if (json.nextToken() != JsonToken.START_OBJECT) throw new FormatException(file + ": not a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                values.put(key, value(json));
            }
            if (json.nextToken() != null) throw new FormatException(file + ": text after the end of the JSON object");
        } catch (JsonProcessingException e) {
            throw JsonText.invalid(file, e);
        }
    }

    /** Lists, numbers, strings and booleans; null and anything nested deeper count as absent. */
    private static Object value(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_STRING -> json.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_ARRAY -> {
                var list = new ArrayList<Object>();
                while (json.nextToken() != JsonToken.END_ARRAY) list.add(value(json));
                yield list;
            }
            default -> {
                json.skipChildren();
                yield null;
            }
        };
    }

    private WanConfig wan(String className) throws FormatException {
        int z = integer("z_dim", 16);
        List<Integer> dimMult = get(
                "dim_mult",
                List.of(1, 2, 4, 4),
                value -> list(value, VaeConfigJson::asInteger),
                "a list of whole numbers");
        List<Boolean> downsample = get(
                "temperal_downsample",
                List.of(false, true, true),
                value -> list(value, item -> item instanceof Boolean b ? b : null),
                "a list of booleans");
        int baseDim = integer("base_dim", 96);
        return new WanConfig(
                className,
                integer("decoder_base_dim", baseDim),
                z,
                dimMult,
                integer("num_res_blocks", 2),
                downsample.reversed(),
                floats("latents_mean", WanDefaults.mean(z)),
                floats("latents_std", WanDefaults.std(z)),
                get("is_residual", false, value -> value instanceof Boolean b ? b : null, "a boolean"),
                integer("out_channels", 3),
                integer("patch_size", 1));
    }

    private HunyuanConfig hunyuan() throws FormatException {
        String activation = get("act_fn", "silu", value -> value instanceof String s ? s : null, "a name");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw new FormatException(file + ": act_fn is " + FormatException.quote(activation) + ", expected silu");
        }
        int out = integer("out_channels", 3);
        if (out != 3) throw new FormatException(file + ": out_channels is " + out + ", expected 3");
        return new HunyuanConfig(
                integer("latent_channels", 16),
                get(
                        "block_out_channels",
                        List.of(128, 256, 512, 512),
                        value -> list(value, VaeConfigJson::asInteger),
                        "a list of whole numbers"),
                integer("layers_per_block", 2),
                get("mid_block_add_attention", true, value -> value instanceof Boolean b ? b : null, "a boolean"),
                integer("norm_num_groups", 32),
                integer("spatial_compression_ratio", 8),
                integer("temporal_compression_ratio", 4),
                get("scaling_factor", 0.476986f, VaeConfigJson::asFloat, "a number"));
    }

    private int integer(String key, int otherwise) throws FormatException {
        return get(key, otherwise, VaeConfigJson::asInteger, "a whole number from 0 to " + ConfigCheck.WIDEST);
    }

    private List<Float> floats(String key, List<Float> otherwise) throws FormatException {
        return get(key, otherwise, value -> list(value, VaeConfigJson::asFloat), "a list of numbers");
    }

    private <T> T get(String key, T otherwise, Function<Object, T> convert, String expected) throws FormatException {
        Object value = values.get(key);
        if (value == null) return otherwise;
        T converted = convert.apply(value);
        if (converted == null) {
            throw new FormatException(
                    file + ": " + key + " is " + FormatException.quote(value.toString()) + ", expected " + expected);
        }
        return converted;
    }

    private static Integer asInteger(Object value) {
        return value instanceof Double d && d == d.intValue() && d >= 0 && d <= ConfigCheck.WIDEST
                ? d.intValue()
                : null;
    }

    private static Float asFloat(Object value) {
        return value instanceof Double d && Float.isFinite(d.floatValue()) ? d.floatValue() : null;
    }

    private static <T> List<T> list(Object value, Function<Object, T> convert) {
        if (!(value instanceof List<?> items)) return null;
        var list = new ArrayList<T>();
        for (Object item : items) {
            T converted = item == null ? null : convert.apply(item);
            if (converted == null) return null;
            list.add(converted);
        }
        return Collections.unmodifiableList(list);
    }

    /** The configuration as diffusers writes it, all keys that concern the decoder. */
    public static String write(VaeConfig config) {
        var text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text).setPrettyPrinter(new DefaultPrettyPrinter())) {
            json.writeStartObject();
            switch (config) {
                case WanConfig wan -> write(json, wan);
                case HunyuanConfig hunyuan -> write(json, hunyuan);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new AssertionError("a StringWriter does not throw", e);
        }
        return text.append('\n').toString();
    }

    private static void write(JsonGenerator json, WanConfig config) throws IOException {
        json.writeStringField("_class_name", config.className());
        json.writeNumberField("base_dim", config.decoderBaseDim());
        if (config.isResidual()) json.writeNumberField("decoder_base_dim", config.decoderBaseDim());
        writeIntegers(json, "dim_mult", config.dimMult());
        if (config.isResidual()) json.writeBooleanField("is_residual", true);
        writeFloats(json, "latents_mean", config.latentsMean());
        writeFloats(json, "latents_std", config.latentsStd());
        json.writeNumberField("num_res_blocks", config.numResBlocks());
        if (config.outChannels() != 3) json.writeNumberField("out_channels", config.outChannels());
        if (config.patchSize() != 1) json.writeNumberField("patch_size", config.patchSize());
        json.writeArrayFieldStart("temperal_downsample");
        for (boolean doubled : config.temporalUpsample().reversed()) json.writeBoolean(doubled);
        json.writeEndArray();
        json.writeNumberField("z_dim", config.zDim());
    }

    private static void write(JsonGenerator json, HunyuanConfig config) throws IOException {
        json.writeStringField("_class_name", "AutoencoderKLHunyuanVideo");
        json.writeStringField("act_fn", "silu");
        writeIntegers(json, "block_out_channels", config.blockOutChannels());
        json.writeNumberField("latent_channels", config.latentChannels());
        json.writeNumberField("layers_per_block", config.layersPerBlock());
        json.writeBooleanField("mid_block_add_attention", config.midBlockAddAttention());
        json.writeNumberField("norm_num_groups", config.normNumGroups());
        json.writeNumberField("scaling_factor", config.scalingFactor());
        json.writeNumberField("spatial_compression_ratio", config.spatialCompressionRatio());
        json.writeNumberField("temporal_compression_ratio", config.temporalCompressionRatio());
    }

    private static void writeIntegers(JsonGenerator json, String key, List<Integer> values) throws IOException {
        json.writeArrayFieldStart(key);
        for (int value : values) json.writeNumber(value);
        json.writeEndArray();
    }

    private static void writeFloats(JsonGenerator json, String key, List<Float> values) throws IOException {
        json.writeArrayFieldStart(key);
        for (float value : values) json.writeNumber(value);
        json.writeEndArray();
    }
}
