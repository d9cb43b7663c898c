package wanvae.bench;

import java.util.List;
import java.util.Locale;

/**
 * The roofline plot: speed over arithmetic intensity, both logarithmic, under the roofs of memory bandwidth, of the FMA
 * peak, and of the FMA peak times the eight multiplications that F(4,3) in time with F(4x4,3x3) in space saves. Speeds
 * are those of one thread.
 */
final class Roofline {
    private static final int WIDTH = 1300, HEIGHT = 560, LEFT = 70, RIGHT = 460, TOP = 30, BOTTOM = 60;
    private static final double LEAST_INTENSITY = 1, MOST_INTENSITY = 10_000, SAVED_BY_WINOGRAD = 8;
    private static final List<String> COLOURS = List.of(
            "#1b6ca8", "#c44536", "#2a7f62", "#7d4e9f", "#b8860b", "#3a3a3a", "#d0579a", "#4f7fbf", "#7a8b2b",
            "#8c564b");

    private final double leastSpeed, mostSpeed;

    private Roofline(double peak) {
        leastSpeed = peak / 50;
        mostSpeed = peak * 12;
    }

    static String svg(Machine machine, List<Row> rows) {
        double peak = rows.stream()
                .filter(row -> row.threads() == 1)
                .mapToDouble(Row::peak)
                .max()
                .orElse(rows.getFirst().peak());
        return new Roofline(peak)
                .draw(
                        machine,
                        rows.stream()
                                .filter(row -> row.threads() == 1 && row.gflop() > 0)
                                .toList(),
                        peak);
    }

    private double x(double intensity) {
        return LEFT
                + (WIDTH - LEFT - RIGHT)
                        * Math.log(intensity / LEAST_INTENSITY)
                        / Math.log(MOST_INTENSITY / LEAST_INTENSITY);
    }

    private double y(double gflops) {
        double share = Math.log(gflops / leastSpeed) / Math.log(mostSpeed / leastSpeed);
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.clamp(share, 0, 1));
    }

    private String draw(Machine machine, List<Row> rows, double peak) {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        add(svg, "<text x=\"%d\" y=\"18\">%s, one thread</text>", LEFT, escape(machine.processor()));
        for (double i = LEAST_INTENSITY; i <= MOST_INTENSITY; i *= 10) {
            line(svg, i, leastSpeed, i, mostSpeed, "#e4e4e4", "");
            add(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>", x(i), HEIGHT - BOTTOM + 18, i);
        }
        for (double s = Math.pow(10, Math.ceil(Math.log10(leastSpeed))); s <= mostSpeed; s *= 10) {
            line(svg, LEAST_INTENSITY, s, MOST_INTENSITY, s, "#e4e4e4", "");
            add(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>", LEFT - 8, y(s) + 4, s);
        }
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">direct-convolution operations for each byte of inputs, weights and outputs</text>",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 18);
        add(
                svg,
                "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">GFLOP/s of direct convolution</text>",
                HEIGHT / 2);
        roof(svg, machine.bandwidth(), peak, "FMA peak", "#555555");
        roof(svg, machine.bandwidth(), SAVED_BY_WINOGRAD * peak, "8 × FMA peak", "#aaaaaa");
        for (int i = 0; i < rows.size(); i++) point(svg, rows.get(i), i);
        return svg.append("</svg>\n").toString();
    }

    private void roof(StringBuilder svg, double bandwidth, double peak, String name, String colour) {
        double ridge = Math.clamp(peak / bandwidth, LEAST_INTENSITY, MOST_INTENSITY),
                start = Math.max(LEAST_INTENSITY, leastSpeed / bandwidth);
        line(svg, start, start * bandwidth, ridge, peak, colour, " stroke-width=\"2\"");
        line(svg, ridge, peak, MOST_INTENSITY, peak, colour, " stroke-width=\"2\"");
        add(
                svg,
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"%s\">%s: %.0f</text>",
                WIDTH - RIGHT - 4,
                y(peak) - 5,
                colour,
                name,
                peak);
    }

    /**
     * Kernels are numbered dots where their traffic puts them; whole decodes, whose traffic is anyone's guess, are
     * ticks at the right edge.
     */
    private void point(StringBuilder svg, Row row, int index) {
        String colour = COLOURS.get(index % COLOURS.size());
        double y = y(row.gflops());
        if (row.bytes() > 0) {
            double x = x(Math.clamp(row.gflop() * 1e9 / row.bytes(), LEAST_INTENSITY, MOST_INTENSITY));
            add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>", x, y, colour);
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%.1f\" font-size=\"9\" fill=\"%s\">%d</text>",
                    x + 5,
                    y - 3,
                    colour,
                    index + 1);
        } else {
            add(
                    svg,
                    "<rect x=\"%d\" y=\"%.1f\" width=\"14\" height=\"3\" fill=\"%s\"/>",
                    WIDTH - RIGHT,
                    y - 1.5,
                    colour);
            add(
                    svg,
                    "<text x=\"%d\" y=\"%.1f\" font-size=\"9\" fill=\"%s\">%d</text>",
                    WIDTH - RIGHT + 16,
                    y + 3,
                    colour,
                    index + 1);
        }
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"%s\">%d  %s: %.0f (%.2f × peak)</text>",
                WIDTH - RIGHT + 40,
                TOP + 10 + 16 * index,
                colour,
                index + 1,
                escape(row.what()),
                row.gflops(),
                row.multiple());
    }

    private void line(
            StringBuilder svg,
            double fromIntensity,
            double from,
            double toIntensity,
            double to,
            String colour,
            String more) {
        add(
                svg,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>",
                x(fromIntensity),
                y(from),
                x(toIntensity),
                y(to),
                colour,
                more);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
