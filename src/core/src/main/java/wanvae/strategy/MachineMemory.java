package wanvae.strategy;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.LongSupplier;
import wanvae.tensorfile.TensorInfo;

/** How much memory there is, and how much of it a process takes in any case. */
public final class MachineMemory {
    /**
     * The JVM itself, its heap and compiled code, and a video encoder: what a process took beyond the decoder's own
     * memory, measured.
     */
    static final long PROCESS = 300L << 20;

    private MachineMemory() {}

    /** Reports the memory of the machine or of the container around this process, bytes. */
    public static LongSupplier total() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getTotalMemorySize;
    }

    /** The part of this memory that a process may take; the rest is left to the system. */
    static long usable(LongSupplier machine) {
        return machine.getAsLong() / 20 * 19;
    }

    /**
     * Refuses weights that the machine has no memory for. A container would not refuse to allocate that memory, but
     * would kill the process when it is used.
     */
    public static void requireRoom(Path weights, Collection<TensorInfo> tensors, LongSupplier machine)
            throws IOException {
        long needed = PROCESS;
        for (TensorInfo tensor : tensors) needed += Float.BYTES * tensor.elements();
        if (needed > usable(machine))
            throw new IOException("The weights of " + weights + " take " + Bytes.text(needed)
                    + " of memory, but this machine has " + Bytes.text(usable(machine)) + ".");
    }
}
