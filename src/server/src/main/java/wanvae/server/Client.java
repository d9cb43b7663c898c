package wanvae.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The client at the other end of a connection. It knows whether the client is still connected, and for how long the
 * client has neither sent nor received anything. Each connection has a thread that runs its handlers.
 */
final class Client implements ServerConnection, InterruptableTask<Void> {
    private static final ScopedValue<Client> CURRENT = ScopedValue.newInstance();
    /** How long a refused client may go on sending, so that it gets to read the reason. */
    private static final int LINGER_MILLIS = 1000;

    private final ConnectionContext context;
    private final ServerConnection http;
    private final Duration timeout;
    private final CountDownLatch silent = new CountDownLatch(1);
    private volatile long moved = System.nanoTime();
    private volatile boolean waiting, watched, gone;
    private boolean lingering;

    private Client(ConnectionContext context, ServerConnection http, Duration timeout) {
        this.context = context;
        this.http = http;
        this.timeout = timeout;
    }

    /** A selector for HTTP/1.1 connections that makes a {@code Client} for each. */
    static ServerConnectionSelector selector(Http1Config config, Duration timeout) {
        Http1ConnectionSelector http =
                Http1ConnectionSelector.builder().config(config).build();
        return new ServerConnectionSelector() {
            @Override
            public int bytesToIdentifyConnection() {
                return http.bytesToIdentifyConnection();
            }

            @Override
            public Support supports(BufferData request) {
                return http.supports(request);
            }

            @Override
            public Set<String> supportedApplicationProtocols() {
                return http.supportedApplicationProtocols();
            }

            @Override
            public ServerConnection connection(ConnectionContext context) {
                return new Client(context, http.connection(context), timeout);
            }
        };
    }

    /** The client whose request this thread handles. */
    static Client current() {
        return CURRENT.get();
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            ScopedValue.where(CURRENT, this).<Void, InterruptedException>call(() -> {
                http.handle(limit);
                return null;
            });
        } finally {
            if (lingering) linger();
        }
    }

    /** The client's address, for the log. */
    String address() {
        return context.remotePeer().host();
    }

    /** Notes that the client has sent or received something. */
    void move() {
        moved = System.nanoTime();
        waiting = false;
    }

    /** From this call on, the client waits for the server, and not the server for the client. */
    void await() {
        waiting = true;
    }

    /**
     * Called when the request has been read. From this call on, a disconnect is noticed at once. Anything else that the
     * client sends is discarded, so the connection ends with this reply, which must say so.
     */
    void watch() {
        await();
        if (watched) return;
        watched = true;
        http.close(false);
        Thread.ofVirtual().name("wanvae-watch").start(this::listen);
    }

    private void listen() {
        try {
            while (context.serverSocket().get() != null)
                ;
        } catch (RuntimeException e) {
            // The connection is closed, by either side.
        }
        gone = true;
        silent.countDown();
    }

    /** Whether the client has disconnected. */
    boolean isGone() {
        return gone;
    }

    /**
     * Called when a request was answered unread. The connection ends, but only after the client had time to read the
     * reply.
     */
    void refuse() {
        lingering = true;
        http.close(false);
    }

    /** Waits before closing: a connection that is closed with unread bytes would lose the reply. */
    private void linger() throws InterruptedException {
        if (!watched) Thread.ofVirtual().name("wanvae-linger").start(this::listen);
        silent.await(LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Duration idleTime() {
        return waiting ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - moved);
    }

    /** Helidon also calls this for a client whose {@link #idleTime} exceeds the timeout. */
    @Override
    public void close(boolean interrupt) {
        http.close(interrupt || idleTime().compareTo(timeout) > 0);
    }

    @Override
    public boolean canInterrupt() {
        return http instanceof InterruptableTask<?> task && task.canInterrupt();
    }
}
