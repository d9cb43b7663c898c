package wanvae.kernel;
public final class Attention {
    public static long scratchBytes(int tokens, int channels) { return 4L * tokens; }
    public static void run(Team team, Workspace ws, Frames q, Frames k, Frames v, Frames out, int query, int from, int to) {
        int n = q.height() * q.width(), c = q.channels(); long st = 4L * q.stride(); float sc = (float) (1 / Math.sqrt(c));
        team.run(n, (i, w) -> {
            long s = ws.address(w, 4L * n); float max = -1e30f;
            for (int j = 0; j < n; j++) { float d = 0; for (int e = 0; e < c; e++) d += Simd.get(q.address(query) + i * st + 4L * e) * Simd.get(k.address(from) + j * st + 4L * e); d *= sc; Simd.set(s + 4L * j, d); max = Math.max(max, d); }
            float sum = 0; for (int j = 0; j < n; j++) { float e = (float) Math.exp(Simd.get(s + 4L * j) - max); Simd.set(s + 4L * j, e); sum += e; }
            for (int e = 0; e < q.stride(); e++) { float d = 0; for (int j = 0; j < n; j++) d += Simd.get(s + 4L * j) * Simd.get(v.address(from) + j * st + 4L * e); Simd.set(out.address(query) + i * st + 4L * e, d / sum); }
        });
    }
}
