package wanvae.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a configuration is beyond the properties that every family has, for {@code wanvae info}: values by label for
 * people, values by key for programs, both in order.
 *
 * @param lines  label to text
 * @param values key to a string, number or boolean, or a list of them
 */
public record ConfigFacts(Map<String, String> lines, Map<String, Object> values) {
    /** Copies both maps, keeping their order. */
    public ConfigFacts {
        lines = Collections.unmodifiableMap(new LinkedHashMap<>(lines));
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** No facts yet. */
    static ConfigFacts none() {
        return new ConfigFacts(Map.of(), Map.of());
    }

    /** These facts and another that is the same for both. */
    ConfigFacts with(String label, String key, Object value) {
        return withLine(label, value.toString()).withValue(key, value);
    }

    /** These facts and a line for people. */
    ConfigFacts withLine(String label, String text) {
        var more = new LinkedHashMap<>(lines);
        more.put(label, text);
        return new ConfigFacts(more, values);
    }

    /** These facts and a value for programs. */
    ConfigFacts withValue(String key, Object value) {
        var more = new LinkedHashMap<>(values);
        more.put(key, value);
        return new ConfigFacts(lines, more);
    }
}
