package wanvae.runtime;

/**
 * Tells a program that runs without the Vector API what is missing. The module path finds the module by itself; on the
 * class path the program has to name it.
 */
public final class VectorApi {
    private VectorApi() {}

    /**
     * To be called before the first class with vectors is used, which would fail with a {@link NoClassDefFoundError}.
     *
     * @throws IllegalStateException if there are no vectors, saying which flag is missing
     */
    public static void require() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, VectorApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "The Vector API is missing: start Java with --add-modules jdk.incubator.vector.", e);
        }
    }
}
