package wanvae.server;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a line for each request. Safe for use by several threads.
 *
 * @param out  where lines are written
 * @param json whether a line is a JSON object
 */
record RequestLog(PrintStream out, boolean json) {
    /** The status that nginx uses for a request whose client disconnected before the reply. */
    static final int GONE = 499;

    /**
     * Writes a request's line.
     *
     * @param failure what went wrong, or an empty text
     */
    void line(Exchange exchange, int status, String failure) {
        String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        double seconds = Json.seconds(exchange.seconds());
        if (json)
            out.println(Json.text(line -> {
                line.writeStringField("time", time);
                line.writeStringField("client", exchange.clientAddress());
                line.writeStringField("method", exchange.method());
                line.writeStringField("path", exchange.path());
                line.writeNumberField("status", status);
                line.writeNumberField("seconds", seconds);
                line.writeNumberField("received", exchange.receivedBytes());
                line.writeNumberField("sent", exchange.sentBytes());
                for (Map.Entry<String, Object> fact : exchange.facts().entrySet())
                    line.writePOJOField(fact.getKey(), fact.getValue());
                if (!failure.isEmpty()) line.writeStringField("error", failure);
            }));
        else
            out.println(time + " " + exchange.clientAddress() + " " + exchange.method() + " " + exchange.path() + " "
                    + status + " " + seconds + "s in=" + exchange.receivedBytes() + " out=" + exchange.sentBytes()
                    + exchange.facts().entrySet().stream()
                            .map(fact -> " " + fact.getKey() + "=" + fact.getValue())
                            .collect(Collectors.joining())
                    + (failure.isEmpty() ? "" : " \"" + failure.replaceAll("\\p{Cntrl}", "?") + "\""));
    }

    /** Writes a line that belongs to no request. */
    void say(String sentence) {
        if (json)
            out.println(Json.text(line -> {
                line.writeStringField(
                        "time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
                line.writeStringField("message", sentence);
            }));
        else out.println("wanvae serve: " + sentence);
    }
}
