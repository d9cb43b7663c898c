package wanvae.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one measurement found, by name; between our processes it travels as one line of JSON. Values are numbers or
 * strings.
 */
record Flat(Map<String, Object> values) {
    private static final JsonFactory JSON = new JsonFactory();

    static Flat parse(String line) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        try (JsonParser in = JSON.createParser(line)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                values.put(
                        name, in.nextToken() == JsonToken.VALUE_STRING ? in.getText() : (Object) in.getDoubleValue());
            }
        }
        return new Flat(values);
    }

    Flat() {
        this(new LinkedHashMap<>());
    }

    Flat with(String name, Object value) {
        values.put(name, value);
        return this;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    double number(String name) {
        return ((Number) values.get(name)).doubleValue();
    }

    void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        for (var e : values.entrySet()) {
            if (e.getValue() instanceof Number n) {
                out.writeFieldName(e.getKey());
                out.writeNumber(new java.math.BigDecimal(n.doubleValue())
                        .round(new java.math.MathContext(5))
                        .toPlainString());
            } else out.writeStringField(e.getKey(), e.getValue().toString());
        }
        out.writeEndObject();
    }

    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            write(out);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return text.toString();
    }
}
