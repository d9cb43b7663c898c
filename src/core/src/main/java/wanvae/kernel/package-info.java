/**
 * The arithmetic: static loops over off-heap memory, one class an operation, every one with a plain twin in the tests.
 *
 * <h2>How many cores are kept busy</h2>
 *
 * <p>Layers run one after another; within a layer {@link wanvae.kernel.Team} shares out blocks of the picture by a
 * counter. A task is a block of tiles through all of its transforms and products, milliseconds long. What threads share
 * on the hot path is one atomic addition a task, and the wait at the end of a layer. Results do not depend on who runs
 * which task.
 *
 * <p><b>Two cores.</b> Where few tiles make up a layer each thread gets one block, and both read all transformed
 * weights (85 MB for 384 channels, too much for a cache): such layers run at the speed of memory, 1.3 to 1.6 times as
 * fast on two threads as on one; the large ones 1.7 to 1.9 times. Waiting for the last block is a few hundredths of the
 * time, most of it in layers of few blocks. Fresh memory is cleared by the system where it is first touched, so by all
 * threads ({@link wanvae.kernel.LargeMemory}).
 *
 * <p><b>64 cores</b>, reckoned, not measured. At 480x832 the last resolution has 24,960 tiles, more than 200 blocks.
 * The one before has 4,160, at 64 threads 65 to 80 blocks. At a quarter of the size 1,040 tiles make 40 blocks, at an
 * eighth 260 tiles 15. By the number of blocks alone that is the work of 15 to 60 cores. But every block of 384
 * channels reads all 85 MB of weights, 4.7 GB for each group of four frames: at 200 GB/s that takes twice as long as
 * the products, so that these two resolutions, a fifth of the operations, would take a third of the time. Sharing out
 * output channels instead of tiles there would let each thread keep its own part of the weights.
 *
 * <p><b>NUMA.</b> Memory belongs to the node of the thread that first touches it, which is the one whose block comes to
 * lie there; the next layer's blocks go to whoever is free, and a pool of frames is used again and again. So
 * activations, caches and transformed weights of a decode lie spread over the nodes, by huge pages. On a machine of
 * several, one decode for each node, pinned to it ({@code numactl}), is the way to use them; one decode across nodes
 * works, at the speed of the link between them. Each worker's scratch is used by that worker alone and stays in its
 * caches.
 *
 * <p><b>False sharing.</b> Tasks write whole pixels of their own block, and a pixel is a multiple of 64 bytes at a
 * multiple of 64 bytes: no two threads write to one cache line. Pieces of scratch begin on pages of their own. The
 * frequency planes within a piece lie an odd number of lines apart, lest they meet in the same sets of the cache.
 */
package wanvae.kernel;
