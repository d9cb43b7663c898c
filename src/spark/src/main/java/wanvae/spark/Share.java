package wanvae.spark;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import wanvae.cli.ByteSize;

/**
 * The share of an executor that a task may take: processors, and memory outside the heap.
 *
 * @param threads   {@code spark.task.cpus}
 * @param tasks     the number of tasks that the executor runs at once
 * @param allowance bytes outside the heap for all of these tasks, or {@link Long#MAX_VALUE} if there is no limit
 * @param cancelled whether Spark wants the task to end
 */
record Share(int threads, int tasks, long allowance, BooleanSupplier cancelled) {
    private static final String OVERHEAD = "spark.executor.memoryOverhead";
    private static final long MIB = 1 << 20;

    /** The share of the calling task. */
    static Share ofTask() {
        TaskContext task = TaskContext.get();
        SparkConf conf = SparkEnv.get().conf();
        boolean driver = SparkEnv.get().executorId().equals("driver"); // local[*]: there are no executors
        int cores = conf.getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors());
        return new Share(
                task.cpus(),
                Math.max(1, cores / task.cpus()),
                driver ? Long.MAX_VALUE : allowance(conf),
                task::isInterrupted);
    }

    /** The memory outside the heap; where it is not set, Spark's default. */
    private static long allowance(SparkConf conf) {
        long heap = conf.getSizeAsMb("spark.executor.memory", "1g");
        long least = conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m");
        double factor = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
        return conf.getSizeAsMb(OVERHEAD, Math.max(least, (long) (factor * heap)) + "m") * MIB;
    }

    /**
     * Refuses work that would not fit into the executor.
     *
     * @param name   the file, for the message
     * @param memory bytes that a process with only this work takes
     * @param own    the part of these bytes that the work takes for itself, which other tasks cannot share
     */
    void requireRoom(String name, long memory, long own) throws IOException {
        long all = memory + (tasks - 1) * own;
        if (all <= allowance) return;
        throw new IOException(name + ": takes " + ByteSize.text(own) + " of memory, with "
                + (tasks == 1 ? "the model" : tasks + " tasks at once and the model") + " " + ByteSize.text(all)
                + " outside the heap, and " + OVERHEAD + " allows " + ByteSize.text(allowance) + ": set it to "
                + Math.ceilDiv(all, MIB) + "m, or bound each task with --memory");
    }
}
