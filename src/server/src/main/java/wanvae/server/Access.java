package wanvae.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Decides who may use a server: everybody, or clients that know a token, but never the pages of other sites. */
final class Access {
    private static final String SCHEME = "Bearer ";

    /** SHA-256 of the token; null if everybody may use the server. */
    private final byte[] hash;

    Access(Optional<String> token) {
        hash = token.map(Access::hash).orElse(null);
    }

    /**
     * Refuses a request without the token. The time this takes reveals nothing about the token, not even its length.
     *
     * @throws Problem if the request has no token or a wrong one, or comes from another site's page
     */
    void require(Exchange exchange) {
        // Only browsers send this header. A page of another site could not read the reply, but it could keep the server
        // busy.
        if (exchange.header("Sec-Fetch-Site").orElse("").equals("cross-site"))
            throw new Problem(Problem.FORBIDDEN, "Pages of other sites may not use this server.");
        if (hash == null) return;
        String given = exchange.header("Authorization").orElse("");
        boolean bearer = given.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (bearer
                && MessageDigest.isEqual(
                        hash, hash(given.substring(SCHEME.length()).strip()))) return;
        exchange.header("WWW-Authenticate", "Bearer");
        throw new Problem(Problem.UNAUTHORIZED, "This server wants a token: Authorization: Bearer TOKEN.");
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }
}
