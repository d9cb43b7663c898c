package wanvae.checkpoint.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import wanvae.tensorfile.FormatException;

/**
 * The values of a {@code config.json}. Each is asked for by key, type and default: the default stands in for a missing
 * key and for {@code null}; a value of another type is refused in a sentence that names file and key.
 */
public final class ConfigValues {
    private static final int LONGEST_FILE = 1 << 20;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(32).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final Map<String, Object> values = new HashMap<>();

    private ConfigValues(Path file) {
        this.file = file;
    }

    /**
     * Parses a file.
     *
     * @throws FormatException if it is no JSON object, or longer than 1 MB
     * @throws IOException if it cannot be read
     */
    public static ConfigValues read(Path file) throws IOException {
        var read = new ConfigValues(file);
        try (JsonParser json = JSON.createParser(JsonText.read(file, LONGEST_FILE))) {
            if (json.nextToken() != JsonToken.START_OBJECT) throw new FormatException(file + ": not a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                read.values.put(key, value(json));
            }
            if (json.nextToken() != null) throw new FormatException(file + ": text after the end of the JSON object");
        } catch (JsonProcessingException e) {
            throw JsonText.invalid(file, e);
        }
        return read;
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

    /** The file these are from, for messages. */
    public Path file() {
        return file;
    }

    /** A string. */
    public String text(String key, String otherwise) throws FormatException {
        return get(key, otherwise, value -> value instanceof String s ? s : null, "a name");
    }

    /** A boolean. */
    public boolean flag(String key, boolean otherwise) throws FormatException {
        return get(key, otherwise, ConfigValues::asFlag, "a boolean");
    }

    /** A finite number. */
    public float number(String key, float otherwise) throws FormatException {
        return get(key, otherwise, ConfigValues::asNumber, "a number");
    }

    /** A whole number from 0 to {@link ConfigCheck#WIDEST}. */
    public int integer(String key, int otherwise) throws FormatException {
        return get(key, otherwise, ConfigValues::asInteger, "a whole number from 0 to " + ConfigCheck.WIDEST);
    }

    /** A list of booleans. */
    public List<Boolean> flags(String key, List<Boolean> otherwise) throws FormatException {
        return get(key, otherwise, value -> list(value, ConfigValues::asFlag), "a list of booleans");
    }

    /** A list of finite numbers. */
    public List<Float> numbers(String key, List<Float> otherwise) throws FormatException {
        return get(key, otherwise, value -> list(value, ConfigValues::asNumber), "a list of numbers");
    }

    /** A list of whole numbers, each as for {@link #integer}. */
    public List<Integer> integers(String key, List<Integer> otherwise) throws FormatException {
        return get(key, otherwise, value -> list(value, ConfigValues::asInteger), "a list of whole numbers");
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

    private static Boolean asFlag(Object value) {
        return value instanceof Boolean b ? b : null;
    }

    private static Integer asInteger(Object value) {
        return value instanceof Double d && d == d.intValue() && d >= 0 && d <= ConfigCheck.WIDEST
                ? d.intValue()
                : null;
    }

    private static Float asNumber(Object value) {
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
}
