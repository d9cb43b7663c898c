package wanvae.decode;

import java.util.List;
import wanvae.frame.VideoShape;

/**
 * What a decode will cost, known before it starts.
 *
 * @param video      what the sink will receive
 * @param threads    threads of the arithmetic
 * @param operations floating-point operations of the same decode by direct convolution, a multiply-add counted as two,
 *                   all members
 * @param memory     bytes of resident memory the decode will take at its peak, weights included
 * @param weights    bytes of that which the open model holds
 * @param disk       bytes of temporary disk space (0: none)
 * @param limit      bytes the decode may take: the option's or the machine's; where {@code memory} is more, no plan is
 *                   small enough and this is the smallest
 * @param bounded    whether this is a smaller plan because the machine or its container has less memory than a decode
 *                   would like, or was allowed
 * @param steps      the plan in words, one line each
 */
public record DecodePlan(
        VideoShape video,
        int threads,
        double operations,
        long memory,
        long weights,
        long disk,
        long limit,
        boolean bounded,
        List<String> steps) {}
