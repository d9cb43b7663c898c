package wanvae.encode;

import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.latent.EncodedShape;

/**
 * What an encode will cost, known before it starts. Immutable.
 *
 * @param latents    what the sink will receive
 * @param encoded    the part of the video that latents are made of, as in the reference: without frames beyond 1 + 4k,
 *                   unless the VAE is a tiny autoencoder, and without pixels at the right and the bottom that do not
 *                   fill a latent pixel
 * @param threads    threads of the arithmetic
 * @param operations floating-point operations of the same encode by direct convolution, a multiply-add counted as two,
 *                   all members; of 17 frames where the length of the video is not known
 * @param memory     bytes of resident memory that the process will take at its peak, weights included
 * @param own        bytes of {@code memory} that this encode takes for itself and gives back. A server that runs
 *                   several encodes at once adds these up and counts the process and the open models once
 * @param weights    bytes of {@code memory} that the open model holds
 * @param disk       bytes of temporary disk space; 0 where no file is needed. Where the length of the video is not
 *                   known, that of 17 frames
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
