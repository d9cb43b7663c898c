package wanvae.video;

/** Checks the order of calls to a sink: begin once, then pictures, then finish once; close at any time. */
final class CallOrder {
    private enum State {
        OPEN,
        BEGUN,
        FINISHED,
        CLOSED
    }

    private State state = State.OPEN;

    /** @throws IllegalStateException if the sink has begun or is closed */
    void begin() {
        require(State.OPEN, "begin()");
        state = State.BEGUN;
    }

    /** @throws IllegalStateException if the sink does not take pictures now */
    void picture() {
        require(State.BEGUN, "a frame");
    }

    /** @throws IllegalStateException if the sink does not take pictures now */
    void finish() {
        require(State.BEGUN, "finish()");
        state = State.FINISHED;
    }

    void close() {
        state = State.CLOSED;
    }

    private void require(State needed, String call) {
        if (state == needed) return;
        throw new IllegalStateException(call
                + switch (state) {
                    case OPEN -> " came before begin()";
                    case BEGUN -> " came a second time";
                    case FINISHED -> " came after finish(): a sink writes one output";
                    case CLOSED -> " came after close()";
                });
    }
}
