package wanvae.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import wanvae.checkpoint.format.JsonText;
import wanvae.tensorfile.FormatException;

/** The index of a checkpoint in several files, {@code …index.json}. */
final class ShardIndex {
    private static final int LONGEST_INDEX = 16 << 20;
    private static final int MOST_SHARDS = 1000;
    /** Without the parser's table of field names, which for a hostile index would take many times the file's size. */
    private static final JsonFactory INDEX = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private ShardIndex() {}

    /** The files named in an index, {@code {"weight_map": {tensor: file}}}; they must lie in its own folder. */
    static List<Path> shards(Path index) throws IOException {
        var names = new TreeSet<String>();
        try (JsonParser json = INDEX.createParser(JsonText.read(index, LONGEST_INDEX))) {
            if (json.nextToken() != JsonToken.START_OBJECT) throw new FormatException(index + ": not a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean map = json.currentName().equals("weight_map");
                if (json.nextToken() != JsonToken.START_OBJECT || !map) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    if (json.nextToken() != JsonToken.VALUE_STRING) {
                        throw new FormatException(index + ": a weight_map entry that is no file name");
                    }
                    names.add(json.getText());
                    if (names.size() > MOST_SHARDS)
                        throw new FormatException(index + ": names more than " + MOST_SHARDS + " files");
                }
            }
        } catch (JsonProcessingException e) {
            throw JsonText.invalid(index, e);
        }
        var shards = new ArrayList<Path>();
        for (String name : names) {
            if (!name.matches("[\\w.-]+") || name.startsWith(".")) {
                throw new FormatException(
                        index + ": names the file " + FormatException.quote(name) + ", expected one in its own folder");
            }
            shards.add(index.resolveSibling(name));
        }
        if (shards.isEmpty()) throw new FormatException(index + ": names no files");
        return shards;
    }
}
