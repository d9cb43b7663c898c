package wanvae.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** JSON objects for replies, events and the log. */
final class Json {
    static final String TYPE = "application/json";
    static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes the fields of an object. */
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** An object with these fields, in UTF-8. */
    static byte[] object(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to memory does not fail
        }
        return bytes.toByteArray();
    }

    /** As {@link #object}, as text. */
    static String text(Fields fields) {
        return new String(object(fields), StandardCharsets.UTF_8);
    }

    /** Rounds a number of seconds to milliseconds. */
    static double seconds(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }
}
