package wanvae.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The body that old clients send: JSON with the latents as base64. The parameters are in this JSON or in the query. */
record Base64Body(Body body, Query query) implements AutoCloseable {
    static Base64Body of(Body json, Query query) throws IOException {
        var values = new LinkedHashMap<>(query.values());
        Path file = json.file().resolveSibling(json.file().getFileName() + ".raw");
        long[] size = {-1};
        try (JsonParser parser = Json.FACTORY.createParser(json.file().toFile())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw notBase64();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (name.equals("inputs") && token == JsonToken.VALUE_STRING) {
                    try (OutputStream out = Files.newOutputStream(file)) {
                        size[0] = parser.readBinaryValue(out);
                    }
                } else if (name.equals("parameters") && token == JsonToken.START_OBJECT) parameters(parser, values);
                else parser.skipChildren();
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            Files.deleteIfExists(file);
            throw notBase64();
        }
        if (size[0] < 0) throw notBase64();
        return new Base64Body(new Body(file, size[0]), new Query(values));
    }

    private static void parameters(JsonParser parser, Map<String, List<String>> values) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            var list = new ArrayList<String>();
            if (parser.nextToken() == JsonToken.START_ARRAY)
                while (parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null)
                    list.add(parser.getValueAsString(""));
            else if (parser.currentToken().isScalarValue()) list.add(parser.getValueAsString(""));
            else parser.skipChildren();
            values.put(name, list);
        }
    }

    private static Problem notBase64() {
        return Problem.bad("The body is no JSON object with the latents as base64 under \"inputs\".");
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
