package wanvae.server;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.DType;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;

/**
 * A reply to diffusers that is a tensor of C channels: 3, or 4 with alpha. Its shape is known before the first frame.
 * Its bytes are little-endian and sent as far as the frames decoded so far allow.
 *
 * @param layout the order and range of the tensor
 * @param dtype  F32, F16 or BF16; U8 for {@link Layout#BYTES}
 * @param video  the shape of the decoded video
 * @param still  whether the latents have no axis of frames
 */
record TensorReply(Layout layout, DType dtype, VideoShape video, boolean still) {
    /** The layouts that {@code output_type} and {@code partial_postprocess} choose. */
    enum Layout {
        /** The VAE's own output: {@code [B][C][F][H][W]}, or {@code [B][C][H][W]} for stills, in [-1, 1]. */
        SAMPLE,
        /** All frames as 8-bit pictures: {@code [B*F][H][W][C]}. */
        BYTES,
        /** All frames in [0, 1]: {@code [B*F][C][H][W]}. */
        UNIT
    }

    /** The sizes of the tensor's axes. */
    long[] shape() {
        long b = video.members(), c = video.channels(), f = video.frames(), h = video.height(), w = video.width();
        return switch (layout) {
            case SAMPLE -> still ? new long[] {b, c, h, w} : new long[] {b, c, f, h, w};
            case BYTES -> new long[] {b * f, h, w, c};
            case UNIT -> new long[] {b * f, c, h, w};
        };
    }

    /** Sizes as a JSON list in the form that Python prints. */
    static String text(long[] sizes) {
        return Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    /** torch's name for a type. */
    static String text(DType dtype) {
        return switch (dtype) {
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case U8 -> "uint8";
            default -> throw new IllegalArgumentException("no reply has type " + dtype);
        };
    }

    /** The size of the whole tensor in bytes. */
    long bytes() {
        return Arrays.stream(shape()).reduce(dtype.bytes(), Math::multiplyExact);
    }

    /**
     * The bytes that {@link #sink} holds. If channels come before frames, only the first channel can be sent as soon as
     * it is decoded.
     */
    long heldBytes() {
        return layout == Layout.SAMPLE && video.frames() > 1
                ? (video.channels() - 1) * planeBytes() * video.frames()
                : 0;
    }

    private long planeBytes() {
        return (long) dtype.bytes() * video.height() * video.width();
    }

    /** Opens the stream of the reply. */
    interface Beginning {
        OutputStream begin() throws IOException;
    }

    /**
     * A sink that writes the tensor.
     *
     * @param beginning called before the first byte
     */
    FrameSink sink(Beginning beginning) {
        return new Sink(beginning);
    }

    private final class Sink implements FrameSink {
        private final Beginning beginning;
        private final Arena arena = Arena.ofShared();
        private final int pixels = video.height() * video.width();
        private final MemorySegment floats = arena.allocate(4L * pixels, 4);
        private final byte[] plane = new byte[(int) planeBytes()];
        private final MemorySegment held = arena.allocate(Math.max(1, heldBytes()), 4);
        private final float[] row = new float[video.channels() * video.width()];
        private OutputStream out;

        Sink(Beginning beginning) {
            this.beginning = beginning;
        }

        @Override
        public void frame(int member, int index, Frame frame) throws IOException {
            if (out == null) out = beginning.begin();
            if (layout == Layout.BYTES) {
                out.write(
                        video.channels() == 3
                                ? Rgb.of(frame).bytes()
                                : new SignedPicture(frame)
                                        .toRgba(Quantization.ROUND)
                                        .bytes());
                return;
            }
            for (int channel = 0; channel < video.channels(); channel++) {
                narrow(frame, channel);
                if (channel == 0 || heldBytes() == 0) out.write(plane);
                else
                    MemorySegment.copy(
                            plane,
                            0,
                            held,
                            JAVA_BYTE,
                            planeBytes() * ((channel - 1L) * video.frames() + index),
                            plane.length);
            }
            if (heldBytes() > 0 && index == video.frames() - 1) {
                for (long at = 0; at < held.byteSize(); at += plane.length) {
                    MemorySegment.copy(held, JAVA_BYTE, at, plane, 0, plane.length);
                    out.write(plane);
                }
            }
        }

        private void narrow(Frame frame, int channel) {
            for (int y = 0; y < video.height(); y++) {
                frame.row(y, row);
                for (int x = 0; x < video.width(); x++) {
                    float value = row[video.channels() * x + channel];
                    if (layout == Layout.UNIT) value = Math.clamp(value / 2 + 0.5f, 0f, 1f);
                    floats.set(JAVA_FLOAT_UNALIGNED, 4 * ((long) y * video.width() + x), value);
                }
            }
            dtype.narrow(floats, MemorySegment.ofArray(plane), pixels);
        }

        @Override
        public void finish() throws IOException {
            out.flush();
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
