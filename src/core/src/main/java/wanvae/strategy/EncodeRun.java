package wanvae.strategy;

import java.lang.foreign.Arena;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import wanvae.runtime.Team;

/**
 * What one encode runs with.
 *
 * @param team           threads that compute
 * @param arenas         makes the arenas that own the encode's memory, which may hold any values
 * @param allowNonfinite whether pixels that are not finite are encoded instead of refused
 * @param progress       told the share of the arithmetic done, in [0, 1]
 */
public record EncodeRun(Team team, Supplier<Arena> arenas, boolean allowNonfinite, DoubleConsumer progress) {}
