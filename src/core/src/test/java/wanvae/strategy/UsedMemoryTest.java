package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import wanvae.config.HunyuanConfig;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.model.Weights;
import wanvae.runtime.Team;

/** Memory that a decode gets may hold anything: nothing that was there before comes into the result. */
class UsedMemoryTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    /** Memory full of NaN. */
    private static final class Used implements Arena {
        private final Arena arena = Arena.ofShared();

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            return arena.allocate(bytes, alignment).fill((byte) -1);
        }

        @Override
        public MemorySegment.Scope scope() {
            return arena.scope();
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    @Test
    void itChangesNothing() throws IOException {
        WanConfig wan = DivisionTest.config(true);
        HunyuanConfig hunyuan = new HunyuanConfig(4, List.of(8, 8, 16, 16), 1, true, 4, 4, 4, 0.476986f);
        LatentShape shape = new LatentShape(1, 48, 3, 3, 4), clip = new LatentShape(1, 4, 3, 3, 4);
        TilePlan tiles = new TilePlan(3, 4, 2, 3, 1, 2);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Weights weights = Weights.read(new GeneratedWeights(wan, 3), arena, false, 1);
            StreamingDecoder decoder = (StreamingDecoder) VaeFamily.of(wan).decoder(weights, wan);
            ClipDecoder clipDecoder = (ClipDecoder) VaeFamily.of(hunyuan)
                    .decoder(Weights.read(new GeneratedWeights(hunyuan, 3), arena, false, 1), hunyuan);
            Section before = Section.whole(decoder, shape, 0, 2, 1);
            for (Decoding decoding : new Decoding[] {
                PlainDecoding.plan(decoder, shape, 2),
                PiecewiseDecoding.plan(decoder, shape, 2, 1, 2, before, DIRECTORY, Long.MAX_VALUE)
                        .orElseThrow()
                        .inMemory(true),
                TiledDecoding.plan(decoder, shape, tiles, 1, DIRECTORY).inLanes(2),
                FramewiseDecoding.plan(clipDecoder, clip, new TimePlan(3, 4, 4, 4), tiles, 4, DIRECTORY)
            }) {
                Latents latents = GeneratedWeights.latents(decoding instanceof FramewiseDecoding ? clip : shape, 7);
                float[] fresh = decode(decoding, latents, team, Arena::ofShared);
                assertArrayEquals(fresh, decode(decoding, latents, team, Used::new), decoding.order());
            }
        }
    }

    private static float[] decode(Decoding decoding, Latents latents, Team team, Supplier<Arena> arenas)
            throws IOException {
        List<float[]> frames = new ArrayList<>();
        decoding.run(
                latents,
                (member, index, frame) -> frames.add(frame.pixels().toArray(ValueLayout.JAVA_FLOAT)),
                new DecodeRun(team, arenas, true, false, work -> {}));
        float[] all = new float[frames.size() * frames.getFirst().length];
        for (int i = 0; i < frames.size(); i++)
            System.arraycopy(frames.get(i), 0, all, i * frames.get(i).length, frames.get(i).length);
        return all;
    }
}
