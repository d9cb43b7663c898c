package wanvae.video.container;

import java.util.List;
import org.jcodec.containers.mp4.boxes.Box;

/**
 * What a track's samples are coded with: the entry of its {@code stsd} box.
 *
 * @param type       four characters, such as {@code avc1}
 * @param depth      bits a pixel: 24, or 32 where there is an alpha channel
 * @param extensions the codec's own boxes in the entry
 */
public record SampleDescription(String type, int depth, List<Box> extensions) {}
