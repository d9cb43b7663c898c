package wanvae.strategy;

import java.lang.foreign.Arena;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import wanvae.runtime.Team;

/**
 * What one decode runs with.
 *
 * @param team           threads that compute
 * @param arenas         makes the arenas that own the decode's memory, which may hold any values
 * @param clamp          whether samples are clamped to [-1, 1], where the reference clamps them
 * @param allowNonfinite whether results that are not finite are delivered instead of refused
 * @param progress       told the share of the arithmetic done, in [0, 1]
 */
public record DecodeRun(
        Team team, Supplier<Arena> arenas, boolean clamp, boolean allowNonfinite, DoubleConsumer progress) {}
