package wanvae.model;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;

/**
 * A convolution and its bias.
 *
 * @param bias padded(out) floats, zeros beyond the output channels
 */
public record ConvLayer(Convolution kernel, MemorySegment bias) {
    /** The epilogue that writes the result, without norm or residual, to {@code out}. */
    public Epilogue to(Frames out) {
        return Epilogue.plain(bias, out);
    }
}
