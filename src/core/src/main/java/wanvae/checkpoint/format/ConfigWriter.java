package wanvae.checkpoint.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** Writes a {@code config.json}: keys in the order of the calls, then {@link #finish}. */
public final class ConfigWriter {
    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;

    /** Begins the JSON object. */
    public ConfigWriter() {
        try {
            json = new JsonFactory().createGenerator(text).setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
        } catch (IOException e) {
            throw impossible(e);
        }
    }

    /** Writes a key with a string, an int, a float, a boolean, or a list of them. */
    public ConfigWriter put(String key, Object value) {
        try {
            json.writeFieldName(key);
            if (value instanceof List<?> items) {
                json.writeStartArray();
                for (Object item : items) json.writePOJO(item);
                json.writeEndArray();
            } else {
                json.writePOJO(value);
            }
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** Ends the object and returns the text, with a newline at its end. */
    public String finish() {
        try {
            json.writeEndObject();
            json.close();
        } catch (IOException e) {
            throw impossible(e);
        }
        return text.append('\n').toString();
    }

    private static AssertionError impossible(IOException e) {
        return new AssertionError("a StringWriter does not throw", e);
    }
}
