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
 * The client at the other end of a connection: whether it is still there, and how long it has neither sent nor taken
 * anything. A thread of the connection's own runs its handlers.
 */
final class Client implements ServerConnection, InterruptableTask<Void> {
    private static final ScopedValue<Client> CURRENT = ScopedValue.newInstance();
    /** How long a client that was refused may go on sending, so that it reads why. */
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

    /** Speaks HTTP/1.1 with clients and knows each of them. */
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

    /** Address for the log. */
    String address() {
        return context.remotePeer().host();
    }

    /** The client has sent or taken something. */
    void move() {
        moved = System.nanoTime();
        waiting = false;
    }

    /** From now on the client waits for us, and not we for it. */
    void await() {
        waiting = true;
    }

    /**
     * The request has been read. From now on a client that goes away is noticed at once. What it sends from now on is
     * not read: the connection ends with this request's reply, which must say so.
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
            // It is closed, by either side.
        }
        gone = true;
        silent.countDown();
    }

    /** Whether the client went away. */
    boolean isGone() {
        return gone;
    }

    /** The request was answered without having been read: the connection ends, but not before the client has heard why. */
    void refuse() {
        lingering = true;
        http.close(false);
    }

    /** A connection that is closed with bytes unread takes the reply with it. */
    private void linger() throws InterruptedException {
        if (!watched) Thread.ofVirtual().name("wanvae-linger").start(this::listen);
        silent.await(LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Duration idleTime() {
        return waiting ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - moved);
    }

    /** Also called for a client whose {@link #idleTime} is more than the timeout. */
    @Override
    public void close(boolean interrupt) {
        http.close(interrupt || idleTime().compareTo(timeout) > 0);
    }

    @Override
    public boolean canInterrupt() {
        return http instanceof InterruptableTask<?> task && task.canInterrupt();
    }
}
