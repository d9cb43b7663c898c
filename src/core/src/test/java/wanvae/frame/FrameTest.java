package wanvae.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final float[] PIXELS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    private static void check(Frame frame) {
        float[] row = new float[6];
        frame.row(1, row);
        assertArrayEquals(new float[] {7, 8, 9, 10, 11, 12}, row);
        for (int y : new int[] {-1, 2, Integer.MAX_VALUE})
            assertThrows(IndexOutOfBoundsException.class, () -> frame.row(y, row));
        assertThrows(IndexOutOfBoundsException.class, () -> frame.row(0, new float[5]));
    }

    @Test
    void seesMemoryOfEveryKind() {
        check(Frame.of(2, 2, PIXELS));
        check(Frame.of(2, 2, FloatBuffer.wrap(PIXELS).asReadOnlyBuffer()));
        check(Frame.of(
                2, 2, ByteBuffer.allocateDirect(48).asFloatBuffer().put(PIXELS).flip()));
        Arena arena = Arena.ofConfined();
        MemorySegment odd = arena.allocate(49).asSlice(1);
        odd.copyFrom(MemorySegment.ofArray(PIXELS));
        Frame frame = new Frame(2, 2, odd.asReadOnly());
        check(frame);
        arena.close();
        assertThrows(IllegalStateException.class, () -> frame.row(0, new float[6]));
        assertEquals(
                "the memory of a frame was freed",
                assertThrows(IllegalArgumentException.class, () -> new Frame(2, 2, odd))
                        .getMessage());
    }

    @Test
    void refusesOtherSizesAndThreads() throws InterruptedException {
        for (int[] size : new int[][] {
            {1, 2}, {2, 3}, {0, 2}, {-2, -2}, {1 << 30, 1 << 30}, {Integer.MAX_VALUE, Integer.MAX_VALUE}
        }) assertThrows(IllegalArgumentException.class, () -> Frame.of(size[0], size[1], PIXELS));
        assertThrows(IllegalArgumentException.class, () -> Frame.of(2, 2, FloatBuffer.allocate(13)));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(48);
            String[] message = {null};
            Thread other = new Thread(() ->
                    message[0] = assertThrows(IllegalArgumentException.class, () -> new Frame(2, 2, memory))
                            .getMessage());
            other.start();
            other.join();
            assertEquals("the memory of a frame is confined to another thread", message[0]);
        }
    }
}
