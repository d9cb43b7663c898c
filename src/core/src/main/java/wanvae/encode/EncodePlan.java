package wanvae.encode;

import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.latent.EncodedShape;

/**
 * What an encode will cost, known before it starts. Immutable.
 *
 * @param latents    what the sink will receive
 * @param encoded    the part of the video that is encoded: as the reference does, frames beyond 1 + 4k are left out, and
 *                   pixels at the right and the bottom that make no whole latent pixel
 * @param threads    threads of the arithmetic
 * @param operations floating-point operations of the same encode by direct convolution, a multiply-add counted as two,
 *                   all members; of the first frame alone where the video does not tell its length
 * @param memory     bytes of resident memory that the process will take at its peak, weights included
 * @param own        bytes of {@code memory} that this encode takes for itself and gives back: what a server that runs
 *                   several at once adds up, beside the process and the open models
 * @param weights    bytes of {@code memory} that the open model holds
 * @param disk       bytes of temporary disk space; 0 where no file is needed. Where the video does not tell its length,
 *                   of 17 frames
 * @param limit      bytes that the encode may take, by the option or the machine. Where {@code memory} is more, no plan
 *                   is small enough, and this is the smallest one; an encode is refused then
 * @param bounded    true if the machine's memory, not the option, forced a smaller plan
 * @param steps      the plan in words, one line each
 */
public record EncodePlan(
        EncodedShape latents,
        VideoShape encoded,
        int threads,
        double operations,
        long memory,
        long own,
        long weights,
        long disk,
        long limit,
        boolean bounded,
        List<String> steps) {}
