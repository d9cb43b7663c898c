package wanvae.cli;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.IntSupplier;

/** Asks the system for the columns of a terminal, every time, because the user may resize the window. */
final class TerminalWidth implements IntSupplier {
    private static final int USUAL = 80;
    /** The request TIOCGWINSZ, on Linux and on the BSDs. */
    private static final long WINDOW_SIZE = System.getProperty("os.name").equals("Linux") ? 0x5413 : 0x40087468;

    private final int descriptor;
    private final MethodHandle ioctl;
    /** {@code struct winsize}: rows, columns, and both in pixels, 16 bits each. */
    private final MemorySegment size = Arena.ofAuto().allocate(8, 2);

    private TerminalWidth(int descriptor, MethodHandle ioctl) {
        this.descriptor = descriptor;
        this.ioctl = ioctl;
    }

    /** @param descriptor of the terminal */
    static IntSupplier of(int descriptor) {
        try {
            Linker linker = Linker.nativeLinker();
            var signature = FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, AddressLayout.ADDRESS);
            return new TerminalWidth(
                    descriptor,
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("ioctl"), signature, Linker.Option.firstVariadicArg(2)));
        } catch (RuntimeException | Error e) {
            return () -> USUAL; // the system has no such call, or the JVM forbids native access
        }
    }

    @Override
    public int getAsInt() {
        try {
            if ((int) ioctl.invokeExact(descriptor, WINDOW_SIZE, size) != 0) return USUAL;
        } catch (Throwable e) {
            throw new LinkageError("ioctl", e);
        }
        int columns = size.get(ValueLayout.JAVA_SHORT, 2) & 0xffff;
        return columns == 0 ? USUAL : columns;
    }
}
