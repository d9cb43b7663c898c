package wanvae.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;

/**
 * A clip like those that the demo's model was trained on: shaded spheres and striped squares that drift over a slowly
 * turning gradient. The unit of length is the picture's height, and times are in seconds.
 */
final class DemoScene implements FrameSource {
    private static final int HEIGHT = 320, WIDTH = 512, FRAMES = 33;
    private static final float STEP = 1 / 48f;

    private record Sphere(double x, double y, double reach, double speed, double radius, float[] colour) {}

    private record Square(
            double x, double y, double drift, double spin, double half, double stripes, float[] one, float[] other) {}

    private final Random random = new Random(3);
    private final float[] from = colour(), to = colour();
    private final List<Sphere> spheres = new ArrayList<>();
    private final List<Square> squares = new ArrayList<>();
    private int next;

    DemoScene() {
        for (int i = 0; i < 2; i++)
            squares.add(new Square(
                    between(0.3, 1.3),
                    between(0.2, 0.8),
                    between(-0.2, 0.2),
                    between(-1, 1),
                    between(0.1, 0.18),
                    between(10, 20),
                    colour(),
                    colour()));
        for (int i = 0; i < 4; i++)
            spheres.add(new Sphere(
                    between(0.2, 1.4),
                    between(0.2, 0.8),
                    between(0.1, 0.3),
                    between(-2, 2),
                    between(0.1, 0.22),
                    colour()));
    }

    private double between(double least, double most) {
        return least + (most - least) * random.nextDouble();
    }

    private float[] colour() {
        return new float[] {random.nextFloat(), random.nextFloat(), random.nextFloat()};
    }

    @Override
    public VideoShape shape() {
        return new VideoShape(1, FRAMES, HEIGHT, WIDTH);
    }

    @Override
    public Optional<Frame> next() {
        if (next == FRAMES) return Optional.empty();
        double time = STEP * next++;
        float[] pixels = new float[3 * HEIGHT * WIDTH];
        for (int row = 0; row < HEIGHT; row++)
            for (int column = 0; column < WIDTH; column++) {
                float[] pixel = pixel((column + 0.5) / HEIGHT, (row + 0.5) / HEIGHT, time);
                for (int c = 0; c < 3; c++) pixels[3 * (row * WIDTH + column) + c] = 2 * Math.clamp(pixel[c], 0, 1) - 1;
            }
        return Optional.of(Frame.of(HEIGHT, WIDTH, pixels));
    }

    private float[] pixel(double x, double y, double time) {
        double angle = 0.7 + 0.4 * time;
        double share = 0.5 + 0.5 * Math.sin(1.7 * (Math.cos(angle) * (x - 0.8) + Math.sin(angle) * (y - 0.5)));
        float[] pixel = new float[3];
        mix(pixel, from, 1);
        mix(pixel, to, share);
        for (Square square : squares) {
            double turn = square.spin * time, dx = x - square.x - square.drift * time, dy = y - square.y;
            double u = Math.cos(turn) * dx + Math.sin(turn) * dy, v = Math.cos(turn) * dy - Math.sin(turn) * dx;
            double inside = cover(square.half - Math.abs(u)) * cover(square.half - Math.abs(v));
            double stripe = cover(Math.sin(Math.PI * square.stripes * u) / (Math.PI * square.stripes));
            if (inside == 0) continue;
            float[] colour = square.other.clone();
            mix(colour, square.one, stripe);
            mix(pixel, colour, inside);
        }
        for (Sphere sphere : spheres) {
            double turn = sphere.speed * time + sphere.radius * 20;
            double dx = (x - sphere.x - sphere.reach * Math.sin(turn)) / sphere.radius,
                    dy = (y - sphere.y - sphere.reach * Math.cos(turn) / 2) / sphere.radius;
            double distance = Math.sqrt(dx * dx + dy * dy), inside = cover((1 - distance) * sphere.radius);
            if (inside == 0) continue;
            double light =
                    Math.clamp(-0.5 * dx - 0.6 * dy + 0.62 * Math.sqrt(Math.max(0, 1 - distance * distance)), 0.0, 1.0);
            float[] colour = new float[3];
            for (int c = 0; c < 3; c++)
                colour[c] = (float) (sphere.colour[c] * (0.18 + 0.82 * light) + 0.7 * Math.pow(light, 20));
            mix(pixel, colour, inside);
        }
        return pixel;
    }

    /** The share of a pixel that lies inside an edge at this distance. */
    private static double cover(double distance) {
        return Math.clamp(distance * HEIGHT + 0.5, 0.0, 1.0);
    }

    private static void mix(float[] pixel, float[] colour, double share) {
        for (int c = 0; c < 3; c++) pixel[c] += (float) (share * (colour[c] - pixel[c]));
    }
}
