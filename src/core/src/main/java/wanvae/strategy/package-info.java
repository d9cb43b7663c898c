/**
 * The ways to decode latents and the choice between them. {@link wanvae.strategy.Planner} has all rules about memory
 * and chooses a {@link wanvae.strategy.Decoding} ({@link wanvae.strategy.EncodePlanner} does the same for encodes):
 *
 * <ul>
 * <li>{@link wanvae.strategy.PlainDecoding}: whole pictures, a few frames at a time;
 * <li>{@link wanvae.strategy.PiecewiseDecoding}: pieces of the picture, with the same result;
 * <li>{@link wanvae.strategy.TiledDecoding}: blended tiles ({@link wanvae.strategy.TileCanvas} blends them);
 * <li>{@link wanvae.strategy.FramewiseDecoding}: all frames of a clip at once, in blended tiles in time ({@link
 *     wanvae.strategy.TimeBlend} blends them) and in space.
 * </ul>
 *
 * <p>None of them knows a family: they run a {@link wanvae.model.StreamingDecoder} or a {@link
 * wanvae.model.ClipDecoder}.
 */
package wanvae.strategy;
