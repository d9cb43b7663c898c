package wanvae.latent;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/**
 * The tensor of a file that holds the latents, as far as the file's description tells: no value is read.
 *
 * @param choice which one it is
 * @param space  that of its VAE, or null if it fits none of those that may be
 * @param packed how it is packed, or null if it is not
 * @param orders the orders that its axes may have, the likeliest first; none if it is packed
 * @param guess  whether the values have to decide the order of the axes
 */
record LatentTensor(
        TensorChoice choice, LatentSpace space, PackedLatents packed, List<LatentAxes> orders, boolean guess) {
    /** @throws FormatException if the file has no such tensor, or its shape is none that latents have */
    static LatentTensor of(TensorFile file, LatentRequest request) throws FormatException {
        TensorChoice choice = TensorChoice.of(file, request.key(), info -> space(info.shape(), request) != null);
        String tensor =
                file.name() + ": tensor " + FormatException.quote(choice.info().name());
        long[] sizes = choice.info().shape();
        String shape = " has shape " + Arrays.toString(sizes);
        for (long size : sizes)
            if (size < 1 || size > Integer.MAX_VALUE)
                throw new FormatException(tensor + shape + ", expected every size to be at least 1");
        LatentSpace space = space(sizes, request);
        if (request.axes().isPresent()) {
            LatentAxes axes = request.axes().get();
            if (axes.rank() != sizes.length)
                throw new FormatException(tensor + " has " + sizes.length + " axes, " + Arrays.toString(sizes)
                        + ", but the axes " + axes.letters() + " are " + axes.rank());
            return new LatentTensor(choice, space, null, List.of(axes), false);
        }
        if (space == null) {
            LatentAxes standard = AxisOrder.standard(sizes.length);
            if (standard == null)
                throw new FormatException(tensor + shape
                        + ", expected [batch, channels, frames, height, width] or the last four of these");
            return new LatentTensor(choice, null, null, List.of(standard), false);
        }
        List<LatentAxes> orders = LatentAxes.of(sizes, space.channels());
        if (PackedLatents.fits(sizes, space.channels())
                && (orders.isEmpty() || request.size().isPresent())) {
            PackedLatents packed =
                    PackedLatents.of(tensor, sizes, space.channels(), request.size(), space.spatialScale());
            return new LatentTensor(choice, space, packed, List.of(), false);
        }
        return new LatentTensor(choice, space, null, orders, true);
    }

    /** The first of the request's spaces that a tensor of this shape can belong to, or null. */
    private static LatentSpace space(long[] sizes, LatentRequest request) {
        for (LatentSpace space : request.spaces()) {
            boolean asked = request.axes()
                    .filter(axes -> axes.rank() == sizes.length && axes.size('c', sizes) == space.channels())
                    .isPresent();
            boolean free = request.axes().isEmpty();
            boolean packed = free && PackedLatents.fits(sizes, space.channels());
            boolean guessed = free && !LatentAxes.of(sizes, space.channels()).isEmpty();
            if (asked || packed || guessed) return space;
        }
        return null;
    }

    TensorInfo info() {
        return choice.info();
    }

    /** The shapes that the latents may have, the likeliest first. */
    List<LatentShape> shapes() {
        if (packed != null) return List.of(packed.shape());
        long[] sizes = info().shape();
        return orders.stream()
                .flatMap(axes -> guess && AxisOrder.isSeries(axes, sizes)
                        ? Stream.of(axes, AxisOrder.frames(axes))
                        : Stream.of(axes))
                .map(axes -> axes.shape(sizes))
                .toList();
    }
}
