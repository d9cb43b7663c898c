package wanvae.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** How the server describes itself: with a page for people and an OpenAPI description for programs. */
final class Page {
    /** The page may load nothing from other servers, and nothing may frame it. */
    private static final String POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
            + " img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private final byte[] page = resource("page.html"), description = resource("openapi.json");

    private static byte[] resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the jar contains it
        }
    }

    /** GET /: the page for browsers, "Ok" for clients that did not ask for HTML. */
    void page(Exchange exchange) {
        boolean html = exchange.header("Accept").orElse("").contains("text/html");
        exchange.header("Vary", "Accept");
        if (!html) {
            exchange.reply(200, "text/plain; charset=utf-8", "Ok");
            return;
        }
        exchange.header("Content-Security-Policy", POLICY);
        exchange.reply(200, "text/html; charset=utf-8", page);
    }

    /** GET /openapi.json. */
    void description(Exchange exchange) {
        exchange.reply(200, Json.TYPE, description);
    }
}
