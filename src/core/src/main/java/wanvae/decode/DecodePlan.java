package wanvae.decode;

import java.util.List;
import wanvae.frame.VideoShape;

/**
 * What a decode will cost, known before it starts. Immutable.
 *
 * @param video      what the sink will receive
 * @param threads    threads of the arithmetic
 * @param operations floating-point operations of the same decode by direct convolution, a multiply-add counted as two,
 *                   all members
 * @param memory     bytes of resident memory that the process will take at its peak, weights included
 * @param own        bytes of {@code memory} that this decode takes for itself and gives back. A server that runs
 *                   several decodes at once adds these up and counts the process and the open models once
 * @param weights    bytes of {@code memory} that the open model holds
 * @param disk       bytes of temporary disk space; 0 where no file is needed
 * @param limit      bytes that the decode may take, by the option or the machine. Where {@code memory} is more, no plan
 *                   is small enough, and this is the smallest one; a decode is refused then
 * @param bounded    true if the machine's memory, not the option, forced a smaller plan
 * @param steps      the plan in words, one line each
 */
public record DecodePlan(
        VideoShape video,
        int threads,
        double operations,
        long memory,
        long own,
        long weights,
        long disk,
        long limit,
        boolean bounded,
        List<String> steps) {}
