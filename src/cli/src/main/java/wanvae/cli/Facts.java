package wanvae.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/**
 * Prints facts about several things: for people a title and labelled lines for each, for programs one JSON array with
 * an object for each.
 */
final class Facts implements AutoCloseable {
    private static final int LABEL = 18;

    private final Writer text;
    private final JsonGenerator json;
    private boolean inObject;

    /** @param asJson one JSON array instead of text */
    Facts(Writer out, boolean asJson) throws IOException {
        text = out;
        json = asJson
                ? new JsonFactory()
                        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                        .createGenerator(text)
                        .setPrettyPrinter(new DefaultPrettyPrinter())
                : null;
        if (asJson) json.writeStartArray();
    }

    /** Begins the next thing. Programs get {@code kind}, people get {@code title}. */
    void begin(String kind, String title) throws IOException {
        if (json == null) {
            text.append(title).append('\n');
        } else {
            if (inObject) json.writeEndObject();
            json.writeStartObject();
            json.writeStringField("kind", kind);
        }
        inObject = true;
    }

    /** Adds a fact whose value is the same for people and programs. */
    void add(String label, String key, Object value) throws IOException {
        line(label, value);
        value(key, value);
    }

    /** Adds a line for people only. An empty label continues the line before. */
    void line(String label, Object value) throws IOException {
        if (json != null) return;
        text.append("  ").append(label).append(" ".repeat(Math.max(1, LABEL - label.length())));
        text.append(String.valueOf(value)).append('\n');
    }

    /** Adds a value for programs only: a string, number or boolean, or a list of these. */
    void value(String key, Object value) throws IOException {
        if (json == null) return;
        json.writeFieldName(key);
        write(value);
    }

    private void write(Object value) throws IOException {
        switch (value) {
            case List<?> items -> {
                json.writeStartArray();
                for (Object item : items) write(item);
                json.writeEndArray();
            }
            case Float number when !Float.isFinite(number) -> json.writeNull();
            case Double number when !Double.isFinite(number) -> json.writeNull();
            default -> json.writePOJO(value);
        }
    }

    /** @throws IOException if any of it could not be written */
    @Override
    public void close() throws IOException {
        if (json != null) {
            if (inObject) json.writeEndObject();
            json.writeEndArray();
            json.close();
            text.append('\n');
        }
        text.close();
    }
}
