package wanvae.bench;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the JMH benchmarks of the kernels and prints a line of JSON for each: {@code KernelMain quick|all}. */
final class KernelMain {
    private KernelMain() {}

    public static void main(String[] args) throws RunnerException {
        boolean quick = args[0].equals("quick");
        var options = new OptionsBuilder().include(KernelBench.class.getName()).mode(Mode.SingleShotTime).threads(1).forks(1)
                .warmupIterations(quick ? 2 : 5).measurementIterations(quick ? 3 : 5).param("kernel", KernelBench.kernels(quick))
                .jvmArgsAppend("-XX:-UsePerfData").shouldFailOnError(true).build();
        for (RunResult result : new Runner(options).run()) {
            String kernel = result.getParams().getParam("kernel");
            double[] cost = KernelBench.cost(kernel);
            System.out.println(new Flat().with("kernel", kernel).with("gflop", cost[0] / 1e9).with("bytes", cost[1])
                    .with("seconds", result.getPrimaryResult().getStatistics().getPercentile(50)));
        }
    }
}
