/**
 * The arithmetic: static loops over off-heap memory, one class for each operation, each with a plain twin in the tests.
 *
 * <h2>How many cores are kept busy</h2>
 *
 * <p>Layers run one after another. Within a layer a {@link wanvae.runtime.Team} shares out blocks of the picture by a
 * counter. A task is a block of tiles taken through all of its transforms and products, milliseconds long. Threads
 * share one atomic addition per task, and wait for each other at the end of a layer. Results do not depend on which
 * thread runs a task.
 *
 * <p><b>Two cores.</b> Where few tiles make up a layer each thread gets one block, and both read all transformed
 * weights (85 MB for 384 channels, too much for a cache). Such layers run at the speed of memory, 1.3 to 1.6 times as
 * fast on two threads as on one; the large ones 1.7 to 1.9 times. The system clears fresh memory where it is first
 * touched, so all threads clear it ({@link wanvae.runtime.LargeMemory}).
 *
 * <p><b>More cores</b>, calculated, not measured: {@link wanvae.kernel.Sharing} computes for any layer how its blocks
 * fall to the threads. For Wan 2.1 at 832x480 it finds that 16 threads are at work 93 % of the time, 32 threads 91 %
 * and 64 threads 79 %. At the two smallest resolutions there are too few tiles for 64 threads, and every block reads
 * all weights; {@code docs/kernels.md} has the table.
 *
 * <p><b>NUMA.</b> Memory belongs to the node of the thread that first touches it, which is the thread whose block comes
 * to lie there. The next layer's blocks go to any free thread, and a pool of frames is used again and again. So the
 * activations, caches and transformed weights of a decode are spread over the nodes, one huge page at a time. To use a
 * machine of several nodes, run one decode for each node, pinned to it ({@code numactl}); one decode across nodes works
 * too, at the speed of the link between them. Each worker's scratch is used by that worker alone and stays in its
 * caches.
 *
 * <p><b>False sharing.</b> Tasks write whole pixels of their own block. A pixel is a multiple of 64 bytes at a multiple
 * of 64 bytes, so no two threads write to one cache line. Pieces of scratch begin on pages of their own. The frequency
 * planes within a piece lie an odd number of lines apart, so that they do not share cache sets.
 */
package wanvae.kernel;
