package wanvae.model.wan;

import java.util.List;
import wanvae.kernel.Window;
import wanvae.model.Layout;

/**
 * How the stages make a window of the final picture.
 *
 * @param entry  the pixels of what the first of these stages is handed that they need
 * @param banded the first stage that goes in bands of rows
 * @param stages the layers of the stages before
 * @param bands  the layers from there on, band by band from the top
 */
public record Split(Window entry, int banded, Layout stages, List<Layout> bands) {}
