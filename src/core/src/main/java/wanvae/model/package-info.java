/**
 * What the networks of all families share: the operations and memory that a network runs with, and the plan of the
 * pixels that its layers compute.
 *
 * <ul>
 * <li>A network makes its layers with {@link wanvae.model.Weights}: with values, or dry, from shapes alone.
 * <li>It runs them in a {@link wanvae.model.ForwardContext}: a live one computes, a dry one counts what a live one
 *     takes.
 * <li>A network that takes a clip in groups of frames is a {@link wanvae.model.StreamingNetwork}. It runs in a {@link
 *     wanvae.model.CausalContext}, which keeps the past of causal layers ({@link wanvae.model.FeatureCache}) and the
 *     rows that bands share ({@link wanvae.model.BandOverlap}). {@link wanvae.model.RegionPlan} and {@link
 *     wanvae.model.BandPlan} say which pixels each layer computes.
 * <li>A decoder whose layers need all frames of a clip is a {@link wanvae.model.ClipDecoder}.
 * </ul>
 */
package wanvae.model;
