package wanvae.bench;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import wanvae.cli.bench.FmaPeak;

/**
 * A process that runs the JMH benchmark of one kernel, the FMA peak measured before and after it: {@code KernelMain
 * KERNEL quick|all}. JMH need not fork, this process being as good as a fork of its own; and so the peak is of the same
 * process.
 */
final class KernelMain {
    private KernelMain() {}

    public static void main(String[] args) throws RunnerException {
        String kernel = args[0];
        boolean quick = args[1].equals("quick");
        var options = new OptionsBuilder()
                .include(KernelBench.class.getName())
                .mode(Mode.AverageTime)
                .threads(1)
                .forks(0)
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(quick ? 2 : 4))
                .measurementIterations(quick ? 3 : 5)
                .measurementTime(TimeValue.seconds(1))
                .param("kernel", kernel)
                .shouldFailOnError(true)
                .build();
        double before = FmaPeak.gflops(1);
        RunResult result = new Runner(options).runSingle();
        double[] cost = KernelBench.cost(kernel);
        System.out.println(new Flat()
                .with("kernel", kernel)
                .with("gflop", cost[0] / 1e9)
                .with("bytes", cost[1])
                .with("seconds", result.getPrimaryResult().getStatistics().getPercentile(50))
                .with("peak_gflops", Math.max(before, FmaPeak.gflops(1))));
    }
}
