package wanvae.bench;

/**
 * One line of the results.
 *
 * @param what     what ran
 * @param gflop    its operations by direct convolution, in 10^9
 * @param bytes    bytes it must move at least (inputs, weights and outputs once); 0 where that says nothing
 * @param seconds  time of one run; 0 where it failed
 * @param peak     FMA peak of the same threads in GFLOP/s, measured beside it
 * @param memoryMb greatest resident memory of its process in 10^6 bytes; 0 where not measured
 * @param note     what else there is to say, or ""
 */
record Row(
        String what,
        int threads,
        double gflop,
        double bytes,
        double seconds,
        double peak,
        double memoryMb,
        String note) {
    /** What could not be measured. */
    static Row failed(String what, int threads, String reason) {
        return new Row(what, threads, 0, 0, 0, 0, 0, "FAILED: " + reason.replace('|', '/'));
    }

    double gflops() {
        return seconds > 0 ? gflop / seconds : 0;
    }

    double multiple() {
        return peak > 0 ? gflops() / peak : 0;
    }

    Row withNote(String added) {
        return new Row(
                what, threads, gflop, bytes, seconds, peak, memoryMb, note.isEmpty() ? added : note + "; " + added);
    }

    Flat flat() {
        Flat flat = new Flat().with("what", what).with("threads", threads);
        if (seconds == 0) return flat.with("note", note);
        flat.with("gflop", gflop)
                .with("seconds", seconds)
                .with("gflops", gflops())
                .with("peak_gflops", peak)
                .with("multiple_of_peak", multiple());
        if (bytes > 0) flat.with("bytes", bytes);
        if (memoryMb > 0) flat.with("peak_memory_mb", memoryMb);
        return note.isEmpty() ? flat : flat.with("note", note);
    }
}
